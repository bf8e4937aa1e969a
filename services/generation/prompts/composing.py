"""A wish as a prompt, in the grammar of musinsaigo's captions: who wears what, then where.

Weights are written ``(words:1.3)``, the one form that every backend's reader knows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.generation.prompts import words
from services.generation.prompts.cleaning import clean
from services.generation.prompts.colors import color_word
from shared.contracts.generation import LookWish, Scene, WornGarment

STRESS: Final = 1.3
"""Weight of the words of a garment that the picture before did not show as asked."""


@dataclass(frozen=True)
class Prompt:
    """What a backend draws from; ``notes`` say what of the wish could not be said."""

    prompt: str
    negative: str
    notes: tuple[str, ...] = ()


@dataclass
class _Notes:
    """Collects what is left out while the words are cleaned."""

    lines: list[str] = field(default_factory=list)

    def clean(self, text: str, where: str) -> str:
        result = clean(text)
        if result.left_out:
            missed = ", ".join(dict.fromkeys(result.left_out))
            self.lines.append(f"left out of {where}, no English word known: {missed}")
        return result.text


def compose(wish: LookWish, *, stress: Collection[str] = ()) -> Prompt:
    """Return the prompt of ``wish``; the words of garments of categories in ``stress`` weigh more.

    Free text is cleaned: it can neither set weights nor end a bracket, and no Hangul is left.
    """
    notes = _Notes()
    worn = [
        _worn(garment, wish.scene, stressed=garment.category in stress, notes=notes)
        for garment in wish.wear
    ]
    more = notes.clean(wish.words, "words")
    parts = [words.PREFIX, *_said(worn, wish.scene), more, words.FRAMING, words.SUFFIX]
    avoid = notes.clean(wish.negative, "negative")
    negative = ", ".join(filter(None, (avoid, words.ONE_PERSON, words.NEGATIVE)))
    return Prompt(", ".join(filter(None, parts)), negative, tuple(notes.lines))


def caption(wear: Sequence[WornGarment], scene: Scene) -> str:
    """Return what a prompt says of a picture's content, without its words of quality.

    With such captions a LoRA is trained, so that prompts speak as its photos' captions did.
    """
    notes = _Notes()
    worn = [_worn(garment, scene, stressed=False, notes=notes) for garment in wear]
    return ", ".join(filter(None, _said(worn, scene)))


def _worn(garment: WornGarment, scene: Scene, *, stressed: bool, notes: _Notes) -> str:
    described = _words_of(garment, scene, notes.clean(garment.words, garment.category))
    said = f"({described}:{STRESS})" if stressed else described
    if garment.category in ("trousers", "shorts"):
        return said
    return f"{'an' if described[0] in 'aeiou' else 'a'} {said}"


def _words_of(garment: WornGarment, scene: Scene, more: str) -> str:
    own = more.replace(",", "")
    names_itself = bool(words.OWN_NOUNS.intersection(own.split()))
    sleeve = words.SLEEVE.get(garment.category, "")
    parts = [
        color_word(garment.color, garment.hex),
        words.PATTERN[garment.pattern] if garment.pattern else "",
        *((sleeve, own) if names_itself else (own, sleeve, _noun(garment.category, scene))),
    ]
    return " ".join(filter(None, parts))


def _noun(category: str, scene: Scene) -> str:
    cold = scene.season == "winter" or scene.weather == "cold"
    if cold and category == "long_sleeved_outwear":
        return words.WARM_OUTERWEAR
    return words.NOUN[category]


def _said(worn: list[str], scene: Scene) -> list[str]:
    wears = f" wearing {_listed(worn)}" if worn else ""
    return [words.PERSON[scene.gender] + wears, *_scene(scene)]


def _listed(worn: list[str]) -> str:
    """Join as captions do: ``a, b and c``."""
    *first, last = worn
    return f"{', '.join(first)} and {last}" if first else last


def _scene(scene: Scene) -> list[str]:
    return [
        words.STYLE[scene.style] if scene.style else "",
        words.OCCASION[scene.occasion] if scene.occasion else "",
        f"in {scene.season}" if scene.season else "",
        words.WEATHER[scene.weather] if scene.weather else "",
    ]
