"""A change of a picture, told in words of the vocabulary -> the wish for the changed one. Pure.

The new wish is whole: what is worn afterwards, and in ``edit`` which garment of which picture is
drawn anew; everything else of that picture stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from services.gateway.chat.domain import VALUES
from shared.contracts.garments import Garment
from shared.contracts.generation import Edit, LookWish, Scene, WornGarment
from shared.contracts.vocabulary import CATEGORIES, FAMILY_OF, WORN_BELOW

SURE: Final = 0.3
"""Score from which a garment is taken to be there; weaker ones are only evidence."""
_WORDS: Final = 600
_USUAL: Final = {
    "top": "long_sleeved_shirt",
    "outer": "long_sleeved_outwear",
    "dress": "long_sleeved_dress",
    "bottom": "trousers",
}
"""What a family is drawn as where nothing tells which of it."""
_LIGHT: Final = {
    "top": "short_sleeved_shirt",
    "outer": "short_sleeved_outwear",
    "dress": "short_sleeved_dress",
    "bottom": "trousers",
}
"""The same in summer."""


@dataclass(frozen=True)
class Change:
    """What shall be otherwise."""

    garment: int | None = None
    """Index in the picture's analysis; None: ``item`` tells, or it is the whole look."""
    item: str | None = None
    """A category, a family or ``bottom``: which garment changes."""
    becomes: str | None = None
    """Likewise: what takes its place; None: it stays what it is."""
    color: str | None = None
    hex: str | None = None
    pattern: str | None = None
    details: str = ""
    """More of the garment, in English."""
    drop: bool = False
    """It shall not be worn any more."""
    words: str = ""
    """More of the picture, in English."""
    scene: Scene = field(default_factory=Scene)
    """What of the scene is otherwise."""
    strength: float | None = None

    @property
    def of_a_garment(self) -> bool:
        """It is about one garment and not about the whole look."""
        return self.garment is not None or self.item is not None


@dataclass(frozen=True)
class Source:
    """The picture that changes: of which job, which one, what it shows and what is seen in it."""

    job_id: str
    variant: int
    wish: LookWish
    seen: Sequence[Garment] = ()


def edited(source: Source, change: Change) -> LookWish:
    """Return the wish for the changed picture.

    Where the garment is not seen in the picture, the whole of it is drawn over, as far as that is
    needed for the new wear.
    """
    before = source.wish
    at = target(source.seen, change)
    wear = _wear(source, change, at) if change.of_a_garment else before.wear
    edit = Edit(of=source.job_id, variant=source.variant, garment=at, strength=change.strength)
    told = {name: value for name, value in change.scene if value not in (None, "any")}
    worn = {FAMILY_OF[one.category] for one in wear if one in before.wear}
    return before.model_copy(
        update={
            "wear": wear,
            # What a piece was drawn from is no longer shown once it is changed.
            "pieces": tuple(
                p for p in before.pieces if p.category and FAMILY_OF[p.category] in worn
            ),
            "scene": before.scene.model_copy(update=told),
            "words": ", ".join(filter(None, (before.words, change.words)))[-_WORDS:],
            "variants": 1,
            "priority": "interactive",
            "edit": edit,
        }
    )


def edited_by(source: Source, changes: Sequence[Change]) -> LookWish:
    """Return the wish after several changes; of more than one the whole picture is drawn over."""
    look = source.wish
    for change in changes:
        look = edited(replace(source, wish=look), change)
    if len(changes) > 1 and look.edit is not None:
        look = look.model_copy(update={"edit": look.edit.model_copy(update={"garment": None})})
    return look


def target(seen: Sequence[Garment], change: Change) -> int | None:
    """Return which garment of a picture a change is about; None: the whole look, or none seen.

    What is to become something else may also be what that is worn instead of: the trousers where
    a skirt is wished for, or the dress.
    """
    if change.garment is not None or change.item is None:
        return change.garment
    readings = _meant(change)
    for least in (SURE, 0.0):
        for words in readings:
            for at, garment in enumerate(seen):
                if garment.score >= least and garment.category in words:
                    return at
    return None


def category_for(item: str, old: str | None, scene: Scene) -> str:
    """Return the category that ``item`` is drawn as: the ``old`` one where it is of that family."""
    if item in CATEGORIES:
        return item
    if old is not None and (FAMILY_OF[old] == item or (item == "bottom" and _below(old))):
        return old
    light = scene.season == "summer" or scene.weather == "hot"
    return (_LIGHT if light else _USUAL)[item]


def is_word(item: str) -> bool:
    """Tell whether ``item`` names a garment."""
    return item in VALUES["item"]


def _readings(item: str) -> list[tuple[str, ...]]:
    """Return what ``item`` may mean, the narrowest first: itself, then its family."""
    if item == "bottom":
        return _instead(item)
    family = FAMILY_OF.get(item, item)
    return [(item,), tuple(name for name in CATEGORIES if FAMILY_OF[name] == family)]


def _meant(change: Change) -> list[tuple[str, ...]]:
    """Return what the garment that changes may be, the likeliest first."""
    if change.item is None:
        return []
    instead = _instead(change.item) if change.becomes is not None else []
    return [*_readings(change.item), *instead]


def _instead(item: str) -> list[tuple[str, ...]]:
    """Return the categories that ``item`` is worn instead of."""
    if FAMILY_OF.get(item, item) not in (*WORN_BELOW, "bottom"):
        return []
    below = tuple(name for name in CATEGORIES if _below(name))
    return [below, tuple(name for name in CATEGORIES if FAMILY_OF[name] == "dress")]


def _below(category: str) -> bool:
    return FAMILY_OF[category] in WORN_BELOW


def _wear(source: Source, change: Change, at: int | None) -> tuple[WornGarment, ...]:
    before = list(source.wish.wear)
    meant = _readings(source.seen[at].category) if at is not None else _meant(change)
    place = _place(before, meant)
    old = before[place] if place is not None else _seen(source.seen, at)
    if change.drop:
        return tuple(one for one in before if one is not old)
    new = _changed(old, change, source.wish.scene)
    if place is None:
        return (*before, new)[-6:]
    before[place] = new
    return (*before, *_above(before, old, new, source.wish.scene))[:6]


def _above(
    wear: Sequence[WornGarment], old: WornGarment | None, new: WornGarment, scene: Scene
) -> tuple[WornGarment, ...]:
    """Return the top that trousers or a skirt in the place of a dress need."""
    was_dress = old is not None and FAMILY_OF[old.category] == "dress"
    if not was_dress or not _below(new.category):
        return ()
    has_top = any(FAMILY_OF[one.category] == "top" for one in wear)
    return () if has_top else (WornGarment(category=category_for("top", None, scene)),)


def _place(wear: Sequence[WornGarment], meant: Sequence[tuple[str, ...]]) -> int | None:
    for words in meant:
        for at, one in enumerate(wear):
            if one.category in words:
                return at
    return None


def _seen(seen: Sequence[Garment], at: int | None) -> WornGarment | None:
    """Return a garment that the model chose itself, as it is seen."""
    if at is None:
        return None
    color = seen[at].colors[0] if seen[at].colors else None
    return WornGarment(
        category=seen[at].category,
        color=color.basic if color else None,
        hex=color.hex if color else None,
        pattern=seen[at].pattern,
    )


def _changed(old: WornGarment | None, change: Change, scene: Scene) -> WornGarment:
    if old is None:
        category = category_for(change.becomes or change.item or "top", None, scene)
        old = WornGarment(category=category)
    else:
        category = category_for(change.becomes or old.category, old.category, scene)
    recolored = change.color is not None or change.hex is not None
    kept = old.words if old.category == category else ""
    return WornGarment(
        category=category,
        color=change.color if recolored else old.color,
        hex=change.hex if recolored else old.hex,
        pattern=change.pattern or old.pattern,
        words=", ".join(filter(None, (kept, change.details)))[-80:],
    )
