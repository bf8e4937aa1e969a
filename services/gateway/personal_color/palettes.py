"""The seasons' palettes as regions of CIELAB, and how well a colour fits them. Pure.

A season's region is what lies within ``RADIUS`` (CIEDE2000) of one of its swatches. The swatches
are ours, chosen along the four-season convention (Jackson, "Color Me Beautiful", 1980): spring
warm, light and clear; summer cool, light and muted; autumn warm, deep and muted; winter cool,
deep or icy, and clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from shared.contracts.vocabulary import SEASONS
from shared.lab import Floats, ciede2000, srgb_to_lab

RADIUS: Final = 7.0
"""CIEDE2000 within which a colour counts as a swatch's: a shade of the same name."""
_HALF: Final = 8.0
"""CIEDE2000 outside of a region at which the fit has fallen to one half."""
NEUTRAL: Final = 0.5
"""The fit of every colour where nothing is known of a person's season."""


@dataclass(frozen=True)
class Swatch:
    """One colour of a palette, for display and as the middle of a part of its region."""

    name: str
    name_ko: str
    hex: str

    @property
    def lab(self) -> Floats:
        """CIELAB, shape (3,)."""
        return srgb_to_lab(np.array(list(bytes.fromhex(self.hex[1:])), np.uint8))


_TOLD: Final = {
    "spring": """
        ivory 아이보리 #fff6e0 | light beige 밝은_베이지 #ecd9b8 | light camel 라이트_카멜 #c89b62
        | peach 피치 #ffc8a2 | salmon 연어색 #ff9c80 | coral 코랄 #ff7357
        | poppy 파피_레드 #f04a32 | apricot 살구색 #fbb064 | sunny yellow 햇살_노랑 #ffd84a
        | butter 버터_노랑 #fff0a0 | spring green 새싹색 #a5cf4c | leaf 잎사귀_초록 #58ab4c
        | mint 민트 #a6e2c4 | turquoise 터키옥색 #3fc2ba | sky 하늘색 #8ecdf0
        | cornflower 수레국화색 #5a8ee6 | warm pink 웜_핑크 #ff9fae | honey brown 꿀빛_갈색 #a8743c
    """,
    "summer": """
        soft white 소프트_화이트 #f3f2ef | dove gray 비둘기_회색 #b9bcc2
        | blue gray 청회색 #8595a8 | powder blue 파우더_블루 #b4cde4 | periwinkle 페리윙클 #98a5dc
        | denim 데님 #5d7da6 | soft navy 소프트_네이비 #3f4f72 | lavender 라벤더 #c6b6df
        | mauve 모브 #a986a9 | plum 연한_자두색 #7a5478 | baby pink 베이비_핑크 #f3c8d4
        | rose 로즈 #d3859c | raspberry 라즈베리 #b0416a | soft berry 소프트_베리 #c0556a
        | seafoam 물거품색 #a9d3c8 | sage blue 세이지_블루 #7aa6a4 | cocoa 코코아 #8d7670
        | lemon ice 레몬_아이스 #f6f1c0
    """,
    "autumn": """
        cream 크림 #f3e5c3 | warm beige 웜_베이지 #d1b48b | camel 카멜 #b78450
        | mustard 머스터드 #d1a02c | pumpkin 호박색 #d87a2b | terracotta 테라코타 #bb5b39
        | rust 녹슨_주황 #9c4622 | tomato 토마토 #c83f2c | brick 벽돌색 #93382e
        | burgundy brown 버건디_브라운 #64282a | chocolate 초콜릿 #56381f
        | coffee 커피색 #7a5a3c | olive 올리브 #77712c | khaki 카키 #a09a63
        | moss 이끼색 #5b6a31 | forest 숲_초록 #2f4d33 | deep teal 딥_틸 #1c5f61
        | warm gray 웜_그레이 #8b8174
    """,
    "winter": """
        pure white 순백 #ffffff | black 검정 #101012 | charcoal 차콜 #3d4046
        | silver gray 은회색 #c6cad0 | icy blue 아이시_블루 #dcebfa | icy pink 아이시_핑크 #fae0ec
        | icy violet 아이시_바이올렛 #e6defa | navy 네이비 #152450 | royal blue 로열_블루 #2446b8
        | cobalt 코발트 #0a63c4 | emerald 에메랄드 #007d5a | pine 파인_그린 #08453c
        | violet 바이올렛 #5a2a96 | magenta 마젠타 #c3127c | fuchsia 푸크시아 #e0389e
        | true red 트루_레드 #c8102e | wine 와인 #6a1034 | lemon 레몬 #fff04a
    """,
}


def _swatches(told: str) -> tuple[Swatch, ...]:
    parts = (entry.rsplit(maxsplit=2) for entry in told.split("|"))
    return tuple(
        Swatch(" ".join(name.split()), korean.replace("_", " "), code)
        for name, korean, code in parts
    )


SWATCHES: Final[Mapping[str, tuple[Swatch, ...]]] = {
    season: _swatches(_TOLD[season]) for season in SEASONS
}
"""By season, in the order in which they are shown."""


SEASON_PALETTES: Final[Mapping[str, Floats]] = {
    season: np.stack([swatch.lab for swatch in swatches]) for season, swatches in SWATCHES.items()
}
"""The middles of each season's region in CIELAB, shape (swatches, 3)."""


def season_fits(lab: Floats) -> Floats:
    """Return how well colours (..., 3) fit each season, shape (..., 4), 0 to 1.

    1 within the region; outside it halves with every ``_HALF`` of CIEDE2000.
    """
    colors = np.asarray(lab, float)[..., None, :]
    nearest = [ciede2000(colors, middles).min(axis=-1) for middles in SEASON_PALETTES.values()]
    outside = np.clip(np.stack(nearest, axis=-1) - RADIUS, 0, None)
    fits: Floats = 0.5 ** (outside / _HALF)
    return fits


def fit(lab: Floats, seasons: Mapping[str, float]) -> float:
    """Return how well a colour (3,) suits a person, 0 to 1: expected over their seasons."""
    if not seasons:
        return NEUTRAL
    weights = np.array([seasons.get(season, 0.0) for season in SEASONS])
    return float(season_fits(lab) @ weights / weights.sum())
