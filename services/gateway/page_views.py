"""The words and figures of the first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.gateway.domain import Language
from services.gateway.showing import credit_line
from services.gateway.trend_views import labels
from services.gateway.views import PostView
from shared.trend_figures import TrendRow

WORDS: Final = {
    "en": {
        "title": "Mapsi: what is worn now",
        "lead": "Street photos in, measured trends out.",
        "trend": "Trend of the last weeks",
        "looks": "looks",
        "item": "Item and colour",
        "curve": "Looks by week",
        "share": "Share, last week",
        "change": "Change, points",
        "none": "No look is counted yet. Ingest photos: mapsi ingest FOLDER",
        "hidden": "Sign in to see the trend.",
        "unclear": "within chance",
        "photos": "Latest photos",
        "no_photos": "No photo is analysed yet.",
        "sign_in": "Sign in to see photos",
        "key": "API key (mapsi up printed it once; mapsi gateway keys create makes another)",
        "enter": "Sign in",
        "wrong": "That key is not valid.",
        "signed_in": "Signed in as",
        "sign_out": "Sign out",
        "docs": "API documentation",
        "other": "한국어",
    },
    "ko": {
        "title": "맵시: 지금 입는 옷",
        "lead": "거리 사진에서 측정한 패션 트렌드.",
        "trend": "최근 몇 주의 트렌드",
        "looks": "룩",
        "item": "아이템과 색",
        "curve": "주별 룩 수",
        "share": "지난주 비율",
        "change": "변화(%p)",
        "none": "아직 집계된 룩이 없습니다. 사진을 넣으세요: mapsi ingest 폴더",
        "hidden": "로그인하면 트렌드를 볼 수 있습니다.",
        "unclear": "우연의 범위",
        "photos": "최근 사진",
        "no_photos": "아직 분석된 사진이 없습니다.",
        "sign_in": "사진을 보려면 로그인하세요",
        "key": "API 키 (mapsi up이 한 번 보여 줍니다. mapsi gateway keys create로 새로 만드세요)",
        "enter": "로그인",
        "wrong": "유효하지 않은 키입니다.",
        "signed_in": "로그인:",
        "sign_out": "로그아웃",
        "docs": "API 문서",
        "other": "English",
    },
}

_CURVE: Final = (120.0, 28.0)


@dataclass(frozen=True)
class TrendLine:
    """A row of the table, ready to be written."""

    name: str
    total: int
    points: str
    """Of an SVG polyline, 120 x 28."""
    share: str
    change: str
    clear: bool


@dataclass(frozen=True)
class PhotoTile:
    """A photo of the page, and where it is from."""

    photo_id: str
    credit: str
    url: str | None


def photo_tile(photo_id: str, posts: Sequence[PostView], language: Language) -> PhotoTile:
    """Return a photo as the page shows it."""
    return PhotoTile(photo_id, credit_line(posts, language), posts[0].url if posts else None)


def trend_line(row: TrendRow, language: str) -> TrendLine:
    """Return a row as a person reads it."""
    told = labels(("item", "color"), row.values, "ko" if language == "ko" else "en")
    return TrendLine(
        name=f"{told['color']} {told['item']}",
        total=row.total,
        points=_curve(row.looks),
        share="–" if row.last_share is None else f"{row.last_share:.1%}",
        change="–" if row.change is None else f"{100 * row.change.points:+.1f}",
        clear=row.change is not None and row.change.clear,
    )


def _curve(looks: tuple[int, ...]) -> str:
    width, height = _CURVE
    most, step = max(1, *looks), width / max(1, len(looks) - 1)
    return " ".join(
        f"{at * step:.1f},{height - 2 - (height - 4) * count / most:.1f}"
        for at, count in enumerate(looks)
    )
