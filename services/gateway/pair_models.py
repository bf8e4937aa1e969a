"""What the API answers about garments and colours worn together, as models with examples."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from services.gateway.views import example


class PairSide(BaseModel):
    """One garment of a pair."""

    item: str
    color: str | None = Field(description="null: in any colour")
    label: str


class PairView(BaseModel):
    """Two garments, and how often they are worn together."""

    one: PairSide
    other: PairSide
    looks: int = Field(description="with both: the support")
    share: float = Field(description="of all looks")
    confidence: float = Field(description="of the looks with `one`, those with both")
    lift: float = Field(description="1: as often as chance would have it")
    interval: tuple[float, float] = Field(description="95 % interval of `lift`")
    q_value: float = Field(description="false discovery rate at which lift is not 1")


class PairsView(BaseModel):
    """What is worn with what, strongest first."""

    weeks: list[date]
    looks: int = Field(description="all looks of these weeks")
    pairs: list[PairView]
    next: str | None

    model_config = example(
        {
            "weeks": ["2026-02-16", "2026-02-23"],
            "looks": 4500,
            "pairs": [
                {
                    "one": {"item": "skirt", "color": "pink", "label": "pink skirt"},
                    "other": {"item": "vest", "color": "white", "label": "white vest"},
                    "looks": 120,
                    "share": 0.0267,
                    "confidence": 0.4,
                    "lift": 2.4,
                    "interval": [2.05, 2.81],
                    "q_value": 0.0001,
                }
            ],
            "next": None,
        }
    )


class HarmonyView(BaseModel):
    """One colour harmony, by week."""

    harmony: str
    label: str
    looks: list[int]
    total: int
    share: float = Field(description="of the looks of two garments or more")
    interval: tuple[float, float]
    growth_4w: float | None
    q_value: float | None
    stage: str | None


class HarmoniesView(BaseModel):
    """How the colours of looks go together, most frequent first."""

    weeks: list[date]
    totals: list[int] = Field(description="looks of two garments or more, by week")
    harmonies: list[HarmonyView]

    model_config = example(
        {
            "weeks": ["2026-02-16", "2026-02-23"],
            "totals": [1800, 2000],
            "harmonies": [
                {
                    "harmony": "neutral_accent",
                    "label": "neutrals and an accent",
                    "looks": [700, 820],
                    "total": 1520,
                    "share": 0.4,
                    "interval": [0.3845, 0.4157],
                    "growth_4w": 0.02,
                    "q_value": 0.6,
                    "stage": "steady",
                }
            ],
        }
    )
