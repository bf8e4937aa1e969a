"""What a feed's words declare of an item: the garment's family or category, pattern and colour.

Pure. Korean and English both put the thing itself last: a "shirt dress" and a "셔츠 원피스" are
dresses. So of all nouns the last one decides, and words of sleeves and straps narrow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.ingestion.shop.offers import Offer
from shared.contracts.garments import Color
from shared.contracts.vocabulary import BASIC_COLORS, FAMILIES, KOREAN

_SLEEVES: Final[dict[str, dict[str, str]]] = {
    "top": {"short": "short_sleeved_shirt", "long": "long_sleeved_shirt", "none": "vest",
            "strap": "sling"},
    "outer": {"short": "short_sleeved_outwear", "long": "long_sleeved_outwear"},
    "dress": {"short": "short_sleeved_dress", "long": "long_sleeved_dress",
              "none": "vest_dress", "strap": "sling_dress"},
}  # fmt: skip
_NOUNS: Final[tuple[tuple[str, str, str], ...]] = (
    # family, sleeve that the noun itself says, and the words
    ("dress", "", r"원피스|드레스|\b(?:dress(?:es)?|gowns?|sundress(?:es)?)\b"),
    ("skirt", "", r"스커트|치마|\b(?:skirts?|skorts?)\b"),
    ("shorts", "", r"반바지|쇼츠|(?:숏|쇼트|하프) ?팬츠|버뮤다|\b(?:shorts|bermudas?)\b"),
    ("trousers", "", r"팬츠|바지|슬랙스|청바지|레깅스|조거|\b(?:pants?|trousers?|jeans|slacks|"
                     r"leggings?|chinos?|joggers?)\b"),
    ("outer", "long", r"재킷|자켓|코트|점퍼|가디건|카디건|블레이저|블루종|패딩|야상|바람막이|"
                      r"트렌치|파카|아우터|겉옷|집업|\b(?:jackets?|coats?|blazers?|cardigans?|bombers?|"
                      r"parkas?|puffers?|windbreakers?|anoraks?|outerwear|trench)\b"),
    ("top", "none", r"민소매|나시|조끼|베스트|\b(?:tank ?tops?|tanks?|vests?|waistcoats?)\b"),
    ("top", "strap", r"끈 ?나시|캐미솔|뷔스티에|\b(?:camisoles?|camis?|bustiers?)\b"),
    ("top", "long", r"맨투맨|후드|스웨터|터틀넥|목폴라|풀오버|\b(?:sweatshirts?|hoodies?|sweaters?|"
                    r"turtlenecks?|pullovers?|jumpers?)\b"),
    ("top", "", r"티셔츠|셔츠|블라우스|남방|니트|폴로|상의|탑\b|\b(?:t-?shirts?|tees?|shirts?|"
                r"blouses?|knits?|polos?|tops?)\b"),
)  # fmt: skip
_SLEEVE_WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("strap", r"끈|슬립|캐미솔|뷔스티에|\b(?:strap(?:s|py)?|slip|camisole|cami|spaghetti)\b"),
    ("none", r"민소매|나시|슬리브리스|\b(?:sleeveless|tank)\b"),
    ("short", r"반팔|반소매|숏 ?슬리브|short[- ]sleeve"),
    ("long", r"긴팔|긴소매|롱 ?슬리브|long[- ]sleeve"),
)
_ASIDE: Final = re.compile(r"\s+with\s+|,\s|\(|\||\s-\s|/")
_GOOGLE: Final[dict[str, str]] = {
    "212": "top", "204": "trousers", "207": "shorts", "1581": "skirt", "2271": "dress",
    "203": "outer", "5598": "outer",
}  # fmt: skip
"""Google's product taxonomy by number."""
_PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    ("striped", r"스트라이프|줄무늬|단가라|strip(?:e|ed|es)\b"),
    ("checked", r"체크|타탄|깅엄|아가일|check(?:ed|s|ered)?\b|plaid|tartan|gingham|argyle"),
    ("dotted", r"도트|물방울|땡땡이|\bdot(?:s|ted)?\b"),
    ("floral", r"플라워|플로럴|꽃|floral|flower"),
    ("printed", r"프린트|그래픽|레터링|print(?:ed)?\b|graphic|letter(?:ed|ing)"),
    ("solid", r"무지|솔리드|\bsolid\b|\bplain\b"),
)
_SHOP_COLORS: Final[tuple[tuple[str, str, str], ...]] = (
    # basic, hex, and the words of shops; the longest match decides
    ("red", "#c8202f", "빨강 레드 red burgundy 버건디 와인"),
    ("orange", "#e8772e", "주황 오렌지 orange"),
    ("yellow", "#f2cf3a", "노랑 옐로 옐로우 머스터드 yellow mustard"),
    ("yellow_green", "#a9c64a", "연두 라임 lime"),
    ("green", "#2e8b57", "초록 그린 카키 올리브 green olive khaki"),
    ("blue_green", "#1f7a7a", "청록 민트 틸 teal mint turquoise"),
    ("blue", "#2f5fc4", "파랑 블루 소라 데님 인디고 blue denim indigo"),
    ("navy", "#1e2a4a", "남색 네이비 navy"),
    ("purple", "#6a3d9a", "보라 퍼플 라벤더 라일락 purple lavender violet"),
    ("magenta", "#b0185e", "자주 마젠타 magenta"),
    ("pink", "#f0a0b8", "분홍 핑크 코랄 pink"),
    ("brown", "#6b4428", "갈색 브라운 카멜 brown camel"),
    ("white", "#f6f6f4", "하양 흰색 화이트 white ivory 아이보리"),
    ("gray", "#8a8d91", "회색 그레이 차콜 gray grey charcoal"),
    ("black", "#1c1c1f", "검정 블랙 black"),
    ("beige", "#d8c4a0", "베이지 크림 beige cream"),
)


@dataclass(frozen=True)
class Declared:
    """What the words say; empty: nothing that can be told."""

    categories: tuple[str, ...] = ()
    """All that they leave possible; one: they say it plainly."""


def declared(offer: Offer) -> Declared:
    """Return what an offer's category, type and title leave possible.

    Google's category and the shop's type go before the title; of those that agree on the family
    the one that says more decides.
    """
    said = [found for found in map(frozenset, _readings(offer)) if found]
    left: frozenset[str] = said[0] if said else frozenset()
    for more in said[1:]:
        left = left & more or left
    family = (category for categories in FAMILIES.values() for category in categories)
    return Declared(tuple(category for category in family if category in left))


def declared_pattern(offer: Offer) -> str | None:
    """Return the pattern that the feed's attribute, else the title names."""
    for text in (offer.pattern, offer.title):
        for pattern, words in _PATTERNS:
            if text and re.search(words, text, re.IGNORECASE):
                return pattern
    return None


def declared_color(offer: Offer) -> Color | None:
    """Return the basic colour that the feed's attribute names first, in its usual shade."""
    text = (offer.color or "").split("/")[0].lower()
    found = [
        (len(word), basic, code)
        for basic, code, words in _SHOP_COLORS
        for word in words.split()
        if word in text
    ]
    if not found:
        return None
    _, basic, code = max(found)
    name = basic.replace("_", " ")
    assert basic in BASIC_COLORS  # noqa: S101
    return Color(name=name, name_ko=KOREAN[basic], basic=basic, hex=code, share=1.0)


def _readings(offer: Offer) -> Iterable[tuple[str, ...]]:
    google = offer.google_product_category or ""
    if google.isdecimal():
        yield FAMILIES.get(_GOOGLE.get(google, ""), ())
    else:
        yield _categories(_last(google))
    yield _categories(_last(offer.product_type or ""), sleeves=offer.product_type or "")
    head = _ASIDE.split(offer.title, maxsplit=1)[0]
    yield _categories(head, sleeves=offer.title) or _categories(offer.title, sleeves=offer.title)


def _last(path: str) -> str:
    return path.split(">")[-1]


def _categories(text: str, *, sleeves: str = "") -> tuple[str, ...]:
    noun = _noun(text)
    if noun is None:
        return ()
    family, own = noun
    forms = _SLEEVES.get(family)
    if forms is None:
        return FAMILIES[family]
    for sleeve, words in _SLEEVE_WORDS:
        if sleeve in forms and re.search(words, sleeves or text, re.IGNORECASE):
            return (forms[sleeve],)
    return (forms[own],) if own in forms else FAMILIES[family]


def _noun(text: str) -> tuple[str, str] | None:
    """Return family and sleeve of the noun that ends last; of two there, the longer one's."""
    found = [
        (match.end(), match.end() - match.start(), family, sleeve)
        for family, sleeve, words in _NOUNS
        for match in re.finditer(words, text, re.IGNORECASE)
    ]
    if not found:
        return None
    _, _, family, sleeve = max(found)
    return family, sleeve
