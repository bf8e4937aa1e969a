"""How it is said why there are few outfits, in Korean and English. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.gateway.chat.domain import Slots
from services.gateway.recommend.domain import Language
from services.gateway.recommend.wishes import Constraint
from services.gateway.recommend.wording import listed, particle, won
from shared.contracts.vocabulary import label

Texts = dict[str, str]

_CHANGED: Final[dict[Constraint, tuple[str, str]]] = {
    "color": ("다른 색까지 보면", "In other colours"),
    "pattern": ("다른 무늬까지 보면", "In other patterns"),
    "item": ("다른 옷까지 보면", "With other pieces"),
    "budget": ("예산을 두지 않으면", "Without a budget"),
    "rules": ("이 조건을 빼면", "Without this condition"),
    "avoid": ("이것까지 보면", "With these"),
    "stock": ("품절된 옷까지 치면", "With what is sold out"),
    "gender": ("성별을 가리지 않으면", "Whoever they are made for"),
}


def few(found: int) -> Texts:
    """Return that there are ``found`` outfits, no more."""
    there = "is only 1 outfit" if found == 1 else f"are only {found} outfits"
    return {
        "ko": f"코디가 {found}개뿐입니다." if found else "코디가 없습니다.",
        "en": f"There {there}" if found else "There is no outfit",
    }


def told(name: Constraint, words: Sequence[str], wanted: Slots, *, limit: int | None) -> Texts:
    """Return which outfits there are few of: stands before ``few`` in Korean, behind in English."""
    ko, en = (listed(label(word, language) for word in words) for language in ("ko", "en"))
    texts: dict[Constraint, tuple[str, str]] = {
        "budget": (f"{won(limit or 0, 'ko')} 안에서는", f"within {won(limit or 0, 'en')}"),
        "avoid": (
            f"피하시는 {ko}{particle(ko, ('을', '를'))} 빼면",
            f"without what you avoid ({en})",
        ),
        "gender": (f"{ko}용으로는", f"made for {en}"),
        "rules": (f"{ko}에 맞추면", f"suited to {en}"),
        "stock": ("지금 살 수 있는 옷으로는", "of pieces in stock"),
    }
    before, behind = texts.get(name, ("", ""))
    piece_ko, piece_en = _piece(wanted, "ko"), _piece(wanted, "en")
    if piece_ko:
        before = f"{before} ‘{piece_ko}’{particle(piece_ko, ('이', '가'))} 든".strip()
        behind = f"with “{piece_en}” {behind}".strip()
    return {"ko": before, "en": behind}


def more(name: Constraint, relaxed: int, instead: Sequence[tuple[str, int]], *, most: int) -> Texts:
    """Return how many there were without the obstacle; ``instead``: colours, and pieces in them."""
    ko, en = _CHANGED[name]
    named = {
        language: f" ({listed(f'{label(color, language)} {number}' for color, number in instead)})"
        if instead
        else ""
        for language in ("ko", "en")
    }
    there = "is 1" if relaxed == 1 else f"are {relaxed}{' or more' if relaxed >= most else ''}"
    return {
        "ko": f"{ko}{named['ko']} {relaxed}개{' 이상' if relaxed >= most else ''} 나옵니다.",
        "en": f"{en}{named['en']} there {there}.",
    }


def budget_from(amount: int, number: int) -> Texts:
    """Return from which budget there are ``number`` outfits."""
    there = "is 1" if number == 1 else f"are {number}"
    return {
        "ko": f"{won(amount, 'ko')}부터 {number}개 나옵니다.",
        "en": f"From {won(amount, 'en')} there {there}.",
    }


def _piece(wanted: Slots, language: Language) -> str:
    """Return the piece that is asked for: alternatives with a stroke between."""
    groups = (wanted.color, wanted.pattern, wanted.item)
    return " ".join("/".join(label(word, language) for word in words) for words in groups if words)
