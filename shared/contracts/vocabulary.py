"""The closed vocabularies: garment categories, styles, basic colours, patterns; with Korean names.

Categories stand in DeepFashion2's order (Ge et al., CVPR 2019); its ids are 1..13, so a
category's id is its index here plus one. Basic colours are the 15 of KS A 0011 and beige.
"""

from __future__ import annotations

from typing import Final

CATEGORIES: Final = (
    "short_sleeved_shirt",
    "long_sleeved_shirt",
    "short_sleeved_outwear",
    "long_sleeved_outwear",
    "vest",
    "sling",
    "shorts",
    "trousers",
    "skirt",
    "short_sleeved_dress",
    "long_sleeved_dress",
    "vest_dress",
    "sling_dress",
)

FAMILIES: Final = {
    "top": ("short_sleeved_shirt", "long_sleeved_shirt", "vest", "sling"),
    "outer": ("short_sleeved_outwear", "long_sleeved_outwear"),
    "trousers": ("trousers",),
    "shorts": ("shorts",),
    "skirt": ("skirt",),
    "dress": ("short_sleeved_dress", "long_sleeved_dress", "vest_dress", "sling_dress"),
}

FAMILY_OF: Final = {
    category: family for family, categories in FAMILIES.items() for category in categories
}

GROUPS: Final = tuple(family for family, categories in FAMILIES.items() if len(categories) > 1)
"""The families of several categories; the others are a category themselves."""

STYLES: Final = ("casual", "feminine", "minimal", "modern", "street", "vintage")

UNKNOWN: Final = "unknown"
"""The style of a look whose classifier names none."""

PATTERNS: Final = ("solid", "striped", "checked", "dotted", "floral", "printed")

BASIC_COLORS: Final = (
    "red",
    "orange",
    "yellow",
    "yellow_green",
    "green",
    "blue_green",
    "blue",
    "navy",
    "purple",
    "magenta",
    "pink",
    "brown",
    "white",
    "gray",
    "black",
    "beige",
)

SEASONS: Final = ("spring", "summer", "autumn", "winter")
"""Of the year, and of personal colour."""

OCCASIONS: Final = (
    "date", "work", "wedding", "interview", "travel", "party", "school", "sport", "daily",
)  # fmt: skip

GENDERS: Final = ("women", "men", "any")

WEATHERS: Final = ("cold", "cool", "warm", "hot", "rain")

WORN_BELOW: Final = ("trousers", "skirt", "shorts")
"""The families that ``bottom`` stands for."""

ALL: Final = "*"
"""In a cell's item or colour: all of them together, each look counted once."""

UPLOAD: Final = "upload"
"""The source of photos that came by ``POST /v1/photos`` or the page."""

KOREAN: Final = {
    "short_sleeved_shirt": "반소매 상의",
    "long_sleeved_shirt": "긴소매 상의",
    "short_sleeved_outwear": "반소매 아우터",
    "long_sleeved_outwear": "긴소매 아우터",
    "vest": "민소매 상의",
    "sling": "끈 나시",
    "shorts": "반바지",
    "trousers": "바지",
    "skirt": "치마",
    "short_sleeved_dress": "반소매 원피스",
    "long_sleeved_dress": "긴소매 원피스",
    "vest_dress": "민소매 원피스",
    "sling_dress": "끈 원피스",
    "top": "상의",
    "outer": "아우터",
    "dress": "원피스",
    "casual": "캐주얼",
    "feminine": "페미닌",
    "minimal": "미니멀",
    "modern": "모던",
    "street": "스트릿",
    "vintage": "빈티지",
    "unknown": "알 수 없음",
    "solid": "무지",
    "striped": "줄무늬",
    "checked": "체크",
    "dotted": "물방울",
    "floral": "꽃무늬",
    "printed": "프린트",
    "red": "빨강",
    "orange": "주황",
    "yellow": "노랑",
    "yellow_green": "연두",
    "green": "초록",
    "blue_green": "청록",
    "blue": "파랑",
    "navy": "남색",
    "purple": "보라",
    "magenta": "자주",
    "pink": "분홍",
    "brown": "갈색",
    "white": "하양",
    "gray": "회색",
    "black": "검정",
    "beige": "베이지",
    "bottom": "하의",
    "spring": "봄",
    "summer": "여름",
    "autumn": "가을",
    "winter": "겨울",
    "date": "데이트",
    "work": "출근",
    "wedding": "결혼식 하객",
    "interview": "면접",
    "travel": "여행",
    "party": "파티",
    "school": "학교",
    "sport": "운동",
    "daily": "일상",
    "women": "여성",
    "men": "남성",
    "any": "상관없음",
    "cold": "추운 날",
    "cool": "선선한 날",
    "warm": "따뜻한 날",
    "hot": "더운 날",
    "rain": "비 오는 날",
}


def label(name: str, language: str) -> str:
    """Return what a person reads for a vocabulary word, in ``"ko"`` or ``"en"``."""
    return KOREAN[name] if language == "ko" else name.replace("_", " ")
