"""What is said of pictures, Korean and English side by side. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.gateway.chat.wording.words import Word
from services.gateway.domain import Language
from shared.contracts.generation import WornGarment
from shared.contracts.vocabulary import KOREAN, label

NOTICE: Final[dict[str, str]] = {
    "ko": "여기에는 그림을 그리는 모델이 없어서, 말씀하신 것과 가장 가까운 옷의 사진을 모은 "
    "룩북 보드를 드려요. 새로 그린 그림이 아니에요.",
    "en": "No model draws pictures here, so this is a lookbook board: photos of the garments that "
    "come closest to what you asked for. Nothing of it is newly drawn.",
}
"""Where a drawing was wished for and a board is what there is."""

_FAULTS: Final[dict[str, tuple[str, str]]] = {
    "missing": ("{garment}: 그림에서 보이지 않아요", "{garment}: not to be seen in the picture"),
    "color": (
        "{garment}: {asked:으로/로} 부탁했는데 {seen:으로/로} 보여요",
        "{garment}: looks {seen} where {asked} was asked for",
    ),
    "pattern": (
        "{garment}: 무늬를 {asked:으로/로} 부탁했는데 {seen:으로/로} 보여요",
        "{garment}: the pattern looks {seen} where {asked} was asked for",
    ),
    "people": ("한 사람만 나와야 하는데 {seen}명이 보여요", "{seen} people are seen, not one"),
    "blur": ("그림이 흐려요", "the picture is blurred"),
    "cropped": ("{asked:이/가} 잘렸어요", "{asked}: cut off"),
    "not_fashion": ("옷을 입은 사람으로 보이지 않아요", "it does not look like a dressed person"),
}
_BODY: Final = {"head": ("머리", "head"), "feet": ("발", "feet")}
_OTHER: Final = ("부탁한 것과 다른 점이 있어요", "something is not as it was asked for")
_UNSEEN: Final = {"ko": "다른 것", "en": "something else"}


def fault_text(fault: Mapping[str, Any], wear: Sequence[WornGarment], language: Language) -> str:
    """Return what a fault of the review's says, in words."""
    template = _FAULTS.get(str(fault.get("kind")), _OTHER)[0 if language == "ko" else 1]
    at = fault.get("garment")
    garment = wear[at].category if isinstance(at, int) and 0 <= at < len(wear) else None
    return template.format(
        garment=_words(garment, language),
        asked=Word(_words(fault.get("asked"), language)),
        seen=Word(_words(fault.get("seen"), language)),
    )


def worn_text(worn: WornGarment, language: Language) -> str:
    """Return a garment in words: "white long sleeved shirt"."""
    words = (worn.color, worn.pattern if worn.pattern != "solid" else None, worn.category)
    return " ".join(label(word, language) for word in words if word)


def _words(told: Any, language: Language) -> str:
    """Return what the review names, "white #ffffff, beige; CIEDE2000 31" say, as people read it."""
    named = str(told or "").partition(";")[0]  # behind it is how far off that is, for programs
    names = [word.strip(",") for word in named.split() if not word.startswith("#")]
    words = list(dict.fromkeys(_word(name, language) for name in names))
    return ", ".join(words) or _UNSEEN[language]


def _word(word: str, language: Language) -> str:
    if word in _BODY:
        return _BODY[word][0 if language == "ko" else 1]
    return label(word, language) if word in KOREAN else word
