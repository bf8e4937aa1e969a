"""What the API answers about trends, as models: OpenAPI shows them with their examples."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from services.gateway.views import EXAMPLE_PHOTO_ID, GarmentView, PostView, example
from shared.contracts.message import ModelRef


class ChangeView(BaseModel):
    """A share against the week before, with its 95 % interval."""

    points: float
    low: float
    high: float
    relative: float | None
    clear: bool = Field(description="the interval leaves out zero")


class GrowthView(BaseModel):
    """A share against an earlier one, compared source by source, with its 95 % interval."""

    value: float = Field(description="share now / share before - 1")
    low: float
    high: float | None = Field(description="null: no upper bound")
    q_value: float = Field(description="false discovery rate at which it is a change")


class EarlyView(BaseModel):
    """What the authors wear whose posts are liked most, in the last four whole weeks."""

    share: float
    lift: float | None = Field(description="their share / everybody else's")
    q_value: float | None = Field(description="of their share being the higher one")


class TrendLinks(BaseModel):
    """Where to go on."""

    photos: str = Field(description="the photos behind the last week's looks")


class TrendRowView(BaseModel):
    """One row: what it is about, its distinct looks by week, and where it is going."""

    values: dict[str, str]
    labels: dict[str, str] = Field(description="the values as people read them")
    looks: list[int]
    total: int
    share: float = Field(description="of all looks of the window")
    interval: tuple[float, float] = Field(description="95 % interval of `share`")
    last_share: float | None
    last_interval: tuple[float, float] | None
    change: ChangeView | None
    adjusted_share: float | None = Field(
        description="share of the last whole week at a fixed mix of sources"
    )
    adjusted_interval: tuple[float, float] | None
    growth_wow: float | None = Field(description="week on week, whatever the sources' mix")
    growth_4w: float | None = Field(description="four weeks on the four before")
    growth_yoy: float | None = Field(description="four weeks on the same four a year earlier")
    growth: dict[str, GrowthView | None] = Field(
        description="`wow`, `4w` and `yoy` with intervals and q-values; null: too few looks"
    )
    q_value: float | None = Field(
        description="false discovery rate at which it moves at all; null: too few looks"
    )
    stage: str | None = Field(
        description="emerging, rising, peak, falling, steady, seasonal; null: too few looks"
    )
    support: int = Field(description="looks in the weeks that `q_value` compares")
    one_source: bool = Field(description="it moves in one source alone: no trend")
    seasonality: float | None = Field(description="strength of the season, 0 to 1")
    early: EarlyView | None = Field(description="null: no likes are known")
    links: TrendLinks


_ROW = {
    "values": {"item": "trousers", "color": "navy"},
    "labels": {"item": "trousers", "color": "navy"},
    "looks": [210, 360],
    "total": 570,
    "share": 0.1267,
    "interval": [0.1172, 0.1368],
    "last_share": 0.15,
    "last_interval": [0.1363, 0.1648],
    "change": {"points": 0.05, "low": 0.0123, "high": 0.0871, "relative": 0.5, "clear": True},
    "adjusted_share": 0.1479,
    "adjusted_interval": [0.1341, 0.1629],
    "growth_wow": 0.46,
    "growth_4w": 0.61,
    "growth_yoy": None,
    "growth": {
        "wow": {"value": 0.46, "low": 0.24, "high": 0.72, "q_value": 0.0004},
        "4w": {"value": 0.61, "low": 0.43, "high": 0.81, "q_value": 0.0001},
        "yoy": None,
    },
    "q_value": 0.0002,
    "stage": "rising",
    "support": 1480,
    "one_source": False,
    "seasonality": None,
    "early": {"share": 0.19, "lift": 1.31, "q_value": 0.03},
    "links": {"photos": "/v1/trends/photos?week=2026-02-23&item=trousers&color=navy"},
}


class TrendView(BaseModel):
    """Weekly looks, best rank first."""

    by: list[str]
    weeks: list[date] = Field(description="Mondays, oldest first")
    totals: list[int] = Field(description="all looks by week")
    running: bool = Field(description="the last week is not over yet")
    rows: list[TrendRowView]
    next: str | None

    model_config = example(
        {
            "by": ["item", "color"],
            "weeks": ["2026-02-16", "2026-02-23"],
            "totals": [2100, 2400],
            "running": False,
            "rows": [_ROW],
            "next": None,
        }
    )


class SeriesRow(BaseModel):
    """One curve."""

    values: dict[str, str]
    labels: dict[str, str]
    looks: list[int]
    shares: list[float | None] = Field(description="null in a week without looks")
    intervals: list[tuple[float, float] | None] = Field(
        description="95 % interval of each share; null in a week without looks"
    )


class SeriesView(BaseModel):
    """Curves over the same weeks."""

    by: list[str]
    weeks: list[date]
    totals: list[int]
    running: bool
    series: list[SeriesRow]
    next: str | None

    model_config = example(
        {
            "by": ["item"],
            "weeks": ["2026-02-16", "2026-02-23"],
            "totals": [210, 240],
            "running": False,
            "series": [
                {
                    "values": {"item": "skirt"},
                    "labels": {"item": "skirt"},
                    "looks": [42, 60],
                    "shares": [0.2, 0.25],
                    "intervals": [[0.15, 0.26], [0.2, 0.31]],
                }
            ],
            "next": None,
        }
    )


class SeenGarment(GarmentView):
    """A garment of the photo, with its mask in pixels of the upright photo."""


class EvidenceLinks(BaseModel):
    """Where to see the photo; null: not with this key."""

    photo: str | None
    overlay: str | None


class EvidenceView(BaseModel):
    """One photo behind a number."""

    photo_id: str
    week: date
    style: str
    counted: bool = Field(description="false: a near-duplicate, or over the author's cap")
    garments: list[SeenGarment] = Field(description="those that the number is about")
    models: list[ModelRef] = Field(description="what saw them, with version and sha256")
    posts: list[PostView]
    links: EvidenceLinks


class EvidencePage(BaseModel):
    """The photos behind one cell and week."""

    photos: list[EvidenceView]
    next: str | None

    model_config = example(
        {
            "photos": [
                {
                    "photo_id": EXAMPLE_PHOTO_ID,
                    "week": "2026-02-23",
                    "style": "casual",
                    "counted": True,
                    "garments": [],
                    "models": [{"name": "segmenter", "version": "1", "sha256": "0" * 64}],
                    "posts": [
                        {
                            "source": "street",
                            "url": None,
                            "posted_at": "2026-02-24T10:00:00Z",
                            "licence": "CC BY 4.0",
                            "credit": "Kim",
                        }
                    ],
                    "links": {
                        "photo": f"/v1/photos/{EXAMPLE_PHOTO_ID}",
                        "overlay": f"/v1/photos/{EXAMPLE_PHOTO_ID}/overlay.png",
                    },
                }
            ],
            "next": None,
        }
    )
