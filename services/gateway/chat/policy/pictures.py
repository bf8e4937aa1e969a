"""What a message does to the picture on the table: changed, undone, drawn anew, stopped. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from services.gateway.chat.domain import Slots
from services.gateway.chat.policy import topics
from services.gateway.chat.policy.acts import (
    Decision,
    EditPicture,
    Heard,
    Like,
    Redraw,
    Say,
    StopDrawing,
    UndoPicture,
)
from services.gateway.chat.policy.picture_moves import PictureMoves
from services.gateway.chat.policy.state import State
from services.gateway.drawing.editing import Change, is_word
from shared.contracts.generation import Scene
from shared.contracts.vocabulary import BASIC_COLORS

_SOFT: Final = 0.4
"""Of the whole picture so much is drawn anew where nothing that is worn changes."""
_ABOUT_PICTURES: Final = frozenset({"refine", "answer", "out_of_scope", "generate", "recommend"})
_POINTED_AT: Final = _ABOUT_PICTURES | {"preferences"}
"""Who points at a picture and says "I like it in blue" speaks of the picture."""
_SCENE: Final = ("style", "season", "occasion", "weather", "gender")


def about_the_picture(state: State, heard: Heard) -> Decision | None:
    """Return what a message does to the picture on the table; None: it is about something else."""
    said, moves, of_picture = heard.understood.slots, heard.moves, heard.of_picture
    asked = state.pending is not None and heard.pointed is None
    if not state.pictures or heard.photo_id is not None or asked:
        return None
    if of_picture.stops and said == Slots():
        return Decision(state, StopDrawing())
    if of_picture.undoes and said == Slots():
        return Decision(state, UndoPicture(to_first=of_picture.first))
    about = _POINTED_AT if heard.pointed else _ABOUT_PICTURES
    elsewhere = heard.understood.intent not in about or said.budget is not None
    erases = moves.erases and not said.avoid and not _drops(heard)
    if elsewhere or moves.why or moves.cheaper or erases:
        return None
    return _changed(state, heard) or _judged(state, heard)


def _changed(state: State, heard: Heard) -> Decision | None:
    said = heard.understood.slots
    changes = _pointed_at(changes_of(said, heard.of_picture), heard)
    if not changes or not _is_of_this_one(heard):
        return None
    gone = [word for word in said.avoid if word in BASIC_COLORS]
    return Decision(state, EditPicture(changes, of_color=gone[0] if gone else None))


def _is_of_this_one(heard: Heard) -> bool:
    """Tell whether a change is one of this picture, and not a wish for another look."""
    said, moves = heard.understood.slots, heard.moves
    if heard.understood.intent not in ("generate", "recommend"):
        return True
    in_place = moves.only or any(is_word(word) for word in said.avoid)
    plain = said == Slots() or heard.pointed is not None
    return in_place or (plain and not moves.asks_looks)


def _pointed_at(changes: tuple[Change, ...], heard: Heard) -> tuple[Change, ...]:
    """Return the changes with the garment that is pointed at, where it is about one garment."""
    garment = heard.pointed.garment if heard.pointed else None
    if garment is None or len(changes) > 1:
        return changes
    if _drops(heard):
        return (Change(garment=garment, drop=True),)
    told = [one for one in changes if one.item or one.color or one.pattern or one.details]
    return tuple(replace(one, garment=garment) for one in told) or changes


def _drops(heard: Heard) -> bool:
    """Tell whether the garment that is pointed at shall go, and nothing come in its place."""
    if heard.pointed is None or heard.pointed.garment is None or not heard.of_picture.drops:
        return False
    said = heard.understood.slots
    return not (said.item or said.color or said.pattern)


def _judged(state: State, heard: Heard) -> Decision | None:
    """Return what is done where nothing is said of how the picture shall be."""
    moves, intent = heard.moves, heard.understood.intent
    if heard.understood.slots != Slots() or intent == "recommend":
        return None
    if moves.liked:
        act = Like(topics.look_of(state, moves)) if state.shown else Say("thanks")
        return Decision(state, act)
    several = heard.of_picture.variants if heard.of_picture.variants > 1 else None
    if several or heard.of_picture.again or moves.others or moves.liked is False:
        return Decision(state, Redraw(several))
    helps = intent == "refine" or heard.pointed is not None
    return Decision(state, Say("picture_help")) if helps else None


def changes_of(said: Slots, moves: PictureMoves) -> tuple[Change, ...]:
    """Return what of a picture shall be otherwise: each garment by itself, or the whole look.

    A change of one garment without its name is about the garment that was spoken of last.
    """
    gone = [word for word in said.avoid if is_word(word)]
    if gone and not said.item:
        return tuple(Change(item=word, drop=True) for word in gone)
    details = ", ".join(filter(None, (moves.details, moves.light if said.item else "")))
    if said.item:
        return tuple(
            Change(
                item=gone[0] if gone and len(said.item) == 1 else word,
                becomes=word,
                color=_each(said.color, at, len(said.item)),
                pattern=_each(said.pattern, at, len(said.item)),
                details=details,
            )
            for at, word in enumerate(said.item)
        )
    if said.color or said.pattern or moves.details:
        color, pattern = _each(said.color, 0, 1), _each(said.pattern, 0, 1)
        return (Change(color=color, pattern=pattern, details=details),)
    scene = {name: getattr(said, name)[0] for name in _SCENE if getattr(said, name)}
    if moves.place:  # a beach is a place here, and no occasion to travel
        scene.pop("occasion", None)
    if scene:
        return (Change(scene=Scene.model_validate(scene), words=_words(moves)),)
    toned = _toned(moves)
    return (toned,) if toned.words else ()


def _toned(moves: PictureMoves) -> Change:
    return Change(words=_words(moves), strength=None if moves.place else _SOFT)


def _words(moves: PictureMoves) -> str:
    return ", ".join(filter(None, (moves.light, moves.place)))


def _each(values: tuple[str, ...], at: int, count: int) -> str | None:
    """Return the value that belongs to the ``at``-th of ``count`` garments."""
    if not values:
        return None
    return values[at] if len(values) == count else values[0]
