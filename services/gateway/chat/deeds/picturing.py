"""Drawings in the chat: a look drawn, changed garment by garment, undone, drawn again, stopped.

Where nobody draws here, looks become boards (``styling``) and none of this is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial, wraps
from typing import Any, Final

from sqlalchemy.orm import Session

from services.gateway.catalog.domain import Item
from services.gateway.chat.deeds import table
from services.gateway.chat.deeds.outcome import Outcome, Scene
from services.gateway.chat.domain import Language, Slots
from services.gateway.chat.policy.acts import (
    EditPicture,
    Redraw,
    StopDrawing,
    UndoPicture,
)
from services.gateway.chat.policy.state import State
from services.gateway.chat.wording.cards import PictureCard
from services.gateway.chat.wording.phrases import say
from services.gateway.chat.wording.words import listed
from services.gateway.drawing.editing import Change, category_for
from services.gateway.drawing.texts import worn_text
from services.gateway.drawing.wishing import changed_look, check_room, drawer_of, new_seed
from services.gateway.looks import KnownLook, call_off, new_wish
from services.gateway.outbox import announce_wish
from services.gateway.outfit_boards import lying_pieces
from services.gateway.problems import RefusedError
from shared.contracts.generation import MOST_VARIANTS, LookWish, WornGarment
from shared.contracts.generation import Scene as Setting
from shared.contracts.vocabulary import FAMILY_OF, label

_SHAPE: Final = (832, 1216)
"""Pixels: upright, one of the shapes that SDXL was trained with."""
_SCENE: Final = ("style", "season", "occasion", "weather", "gender")


def draws(scene: Scene) -> bool:
    """Tell whether somebody draws here."""
    return drawer_of(scene.gateway) != "lookbook"


def _told(deed: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """Say why, where a picture is refused: what cannot be drawn is no failure of the message."""

    @wraps(deed)
    def said(*given: Any, **named: Any) -> Outcome:
        try:
            return deed(*given, **named)
        except RefusedError as error:
            scene = next(one for one in given if isinstance(one, Scene))
            return Outcome((error.in_language(scene.language),))

    return said


@_told
def drawn(scene: Scene, pieces: Sequence[Item] = (), *, variants: int = 1) -> Outcome:
    """Draw somebody who wears the pieces of a look, or where there are none what was said.

    Of more ``variants`` than a job has there are as many as it has, and that is said.
    """
    wear = tuple(map(_worn, pieces)) or _wear_of(scene.state.known)
    found = lying_pieces(scene.gateway, pieces) if pieces else []
    width, height = _SHAPE
    setting = _setting(scene)
    look = LookWish(
        backend=drawer_of(scene.gateway),
        language=scene.language,
        pieces=tuple(piece for piece in found if piece is not None),
        wear=wear,
        scene=setting,
        words="" if wear else "a full outfit",
        negative=", ".join(label(word, "en") for word in scene.state.known.avoid),
        variants=min(variants, MOST_VARIANTS),
        width=width,
        height=height,
        seed=new_seed(),
    )
    key = "picture_drawing_several" if variants > 1 else "picture_drawing"
    return _at_most(variants, _begun(scene, look, key, trail=()), scene)


@_told
def edit(act: EditPicture, scene: Scene) -> Outcome:
    """Change the picture on the table: one garment, or the whole look."""
    known = table.on_the_table(scene)
    if known is None:
        return Outcome((say("picture_gone", scene.language),), state=_cleared(scene))
    if not known.is_final:
        return Outcome((say("picture_wait", scene.language),))
    variant = table.variant(scene, known)
    changes = tuple(_about(change, act, known, scene) for change in act.changes)
    look = changed_look(scene.gateway, scene.caller, known, changes, variant=variant)
    look = look.model_copy(update={"language": scene.language})
    key = "picture_over"
    if look.edit is not None and look.edit.garment is not None:
        key = "picture_dropping" if changes[0].drop else "picture_editing"
    piece, what = _changed_words(changes, look, scene)
    outcome = _begun(scene, look, key, trail=table.trail(scene, known), piece=piece, what=what)
    focus = changes[0].becomes or changes[0].item
    state = outcome.state.now(focus=focus) if outcome.state and focus else outcome.state
    return replace(outcome, state=state)


@_told
def redraw(act: Redraw, scene: Scene) -> Outcome:
    """Draw the same clothes with another seed."""
    known = table.on_the_table(scene)
    if known is None:
        return Outcome((say("picture_gone", scene.language),), state=_cleared(scene))
    if not known.is_final:
        call_off(scene.gateway, known)
    wanted = act.variants or known.look.variants
    anew = {"edit": None, "seed": new_seed(), "variants": min(wanted, MOST_VARIANTS)}
    look = known.look.model_copy(update=anew)
    key = "picture_again_several" if wanted > 1 else "picture_again"
    return _at_most(wanted, _begun(scene, look, key, trail=table.trail(scene, known)), scene)


def undo(act: UndoPicture, scene: Scene) -> Outcome:
    """Put an earlier picture on the table; the one that is left stays as it is."""
    pictures = scene.state.pictures
    if len(pictures) < 2:
        return Outcome((say("picture_no_earlier", scene.language),))
    left = table.found(scene, pictures[-1])
    if left is not None:
        call_off(scene.gateway, left)
    back = pictures[:1] if act.to_first else pictures[:-1]
    edit = left.look.edit if left is not None else None
    variant = edit.variant if edit is not None and edit.of == back[-1] else 1
    known = table.found(scene, back[-1])
    if known is None:
        return Outcome((say("picture_gone", scene.language),), state=_cleared(scene))
    return Outcome(
        (say("picture_undone", scene.language),),
        (_card(known.wish.job_id, known.look, scene),),
        job_id=known.wish.job_id,
        state=scene.state.with_pictures(back, variant=variant),
    )


def stop(act: StopDrawing, scene: Scene) -> Outcome:
    """Call off what is being drawn."""
    pictures = scene.state.pictures
    known = table.found(scene, pictures[-1])
    if known is None or known.is_final:
        return Outcome((say("picture_ended", scene.language),))
    call_off(scene.gateway, known)
    key = "picture_stopped_earlier" if pictures[1:] else "picture_stopped"
    return Outcome(
        (say(key, scene.language),),
        job_id=known.wish.job_id,
        state=scene.state.with_pictures(pictures[:-1]),
    )


def _begun(
    scene: Scene, look: LookWish, key: str, *, trail: Sequence[str], **words: str
) -> Outcome:
    """Return what is said of a picture whose drawing begins with this message."""
    check_room(scene.gateway, scene.caller, look)
    wish = new_wish(scene.gateway, scene.caller, look)

    def write(session: Session) -> None:
        session.add(wish)

    what = _wear_words(look.wear, scene.language)
    told = say(key, scene.language, **{"what": what, "count": look.variants, **words})
    pictures = (*trail, wish.job_id)[-table.REMEMBERED :]
    return Outcome(
        (told,),
        (_card(wish.job_id, look, scene),),
        job_id=wish.job_id,
        state=scene.state.with_pictures(pictures).now(pending=None),
        effects=(write,),
        afterwards=(partial(announce_wish, scene.gateway, wish),),
    )


def _at_most(wanted: int, outcome: Outcome, scene: Scene) -> Outcome:
    """Return what is answered; where fewer are drawn than were wished for, that is said, too."""
    if wanted <= MOST_VARIANTS:
        return outcome
    told = say("picture_most", scene.language, count=MOST_VARIANTS)
    return replace(outcome, sentences=(*outcome.sentences, told))


def _cleared(scene: Scene) -> State:
    return scene.state.with_pictures()


def _about(change: Change, act: EditPicture, known: KnownLook, scene: Scene) -> Change:
    """Return the change with the garment that it means, where it names none."""
    look = known.look
    if change.garment is not None:
        return table.touched(change, known, scene)
    is_of_one = change.color or change.pattern or change.details
    if change.item is not None or not is_of_one:
        return change
    if act.of_color is not None:
        for worn in look.wear:
            if worn.color == act.of_color:
                return replace(change, item=worn.category)
    if scene.state.focus is not None:
        return replace(change, item=scene.state.focus)
    return replace(change, item=look.wear[0].category if look.wear else "top")


def _worn(piece: Item) -> WornGarment:
    color = piece.colors[0] if piece.colors else None
    return WornGarment(
        category=piece.category,
        color=color.basic if color else None,
        hex=color.hex if color else None,
        pattern=piece.pattern,
    )


def _wear_of(known: Slots) -> tuple[WornGarment, ...]:
    """Return what was said to be worn, each item with the colour and pattern of its place."""
    setting = Setting(
        season=known.season[0] if known.season else None,
        weather=known.weather[0] if known.weather else None,
    )

    def each(values: tuple[str, ...], at: int) -> str | None:
        return values[min(at, len(values) - 1)] if values else None

    return tuple(
        WornGarment(
            category=category_for(item, None, setting),
            color=each(known.color, at),
            pattern=each(known.pattern, at),
        )
        for at, item in enumerate(known.item[:6])
    )


def _setting(scene: Scene) -> Setting:
    known = scene.state.known
    said = {name: getattr(known, name)[0] for name in _SCENE if getattr(known, name)}
    if "gender" not in said and scene.profile.gender:
        said["gender"] = scene.profile.gender
    return Setting.model_validate(said)


def _card(job_id: str, look: LookWish, scene: Scene) -> PictureCard:
    return PictureCard(
        job_id=job_id,
        served_by=look.backend,
        parent=look.edit.of if look.edit else None,
        wear=[worn_text(worn, scene.language) for worn in look.wear],
        link=f"/v1/generations/{job_id}",
    )


def _wear_words(wear: Sequence[WornGarment], language: Language) -> str:
    words = [worn_text(worn, language) for worn in wear]
    return listed(words, language) if words else say("picture_plain", language)


def _changed_words(changes: Sequence[Change], look: LookWish, scene: Scene) -> tuple[str, str]:
    """Return the garment that changes, and what it will be; of a whole look, all that is worn."""
    change, language = changes[0], scene.language
    piece = label(change.item, language) if change.item else ""
    word = change.becomes or change.item
    family = FAMILY_OF.get(word or "", word)
    alike = [one for one in look.wear if family in (FAMILY_OF[one.category], one.category)]
    if look.edit is None or look.edit.garment is None:
        alike = list(look.wear)
    return piece, _wear_words(alike or look.wear, language)
