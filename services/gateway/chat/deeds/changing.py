"""One piece of a shown look changed, or added, while the others stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from services.gateway.catalog.domain import Catalog, Item
from services.gateway.chat.deeds.outcome import Scene
from services.gateway.chat.domain import Slots
from services.gateway.chat.policy.acts import Change
from services.gateway.recommend.domain import Recommendation
from services.gateway.recommend.outfit_ids import pieces_of
from services.gateway.recommend.recommending import recommend
from services.gateway.recommend.trending import TrendEvidence
from shared.contracts.vocabulary import FAMILY_OF, WORN_BELOW

_OUTER: Final = "outer"

Note = Literal["kept", "added"]


@dataclass(frozen=True)
class _Plan:
    outfit_id: str
    keep: tuple[str, ...]
    """Ids of the pieces that stay."""
    bare: bool
    """It has no outerwear and shall have none."""
    note: Note


def changed(
    change: Change,
    wanted: Slots,
    scene: Scene,
    *,
    catalog: Catalog,
    evidence: TrendEvidence,
    limit: int,
) -> tuple[Recommendation, Note] | None:
    """Return a shown look with another piece in the place of one; None: nothing goes with it.

    ``wanted``: what the new piece shall be. Where nobody said which look, it is one that has such
    a piece; outerwear is added where none has.
    """
    for plan in _plans(change, scene, catalog):
        bare = (_OUTER,) if plan.bare else ()
        asked = scene.state.known.model_copy(
            update={
                "item": wanted.item, "color": wanted.color, "pattern": wanted.pattern,
                "avoid": (*wanted.avoid, *bare),
            }
        )  # fmt: skip
        found = recommend(
            catalog, asked, scene.profile, evidence,
            today=scene.today, limit=limit, seen=(plan.outfit_id,), keep=plan.keep,
        )  # fmt: skip
        if found.outfits:
            return Recommendation(found.outfits), plan.note
    return None


def _plans(change: Change, scene: Scene, catalog: Catalog) -> Iterator[_Plan]:
    """Yield what could be changed: looks with exactly such a piece first."""
    shown = scene.state.shown
    looks = shown if change.look is None else (shown[change.look],)
    known = [
        (look.outfit_id, pieces)
        for look in looks
        if (pieces := pieces_of(look.outfit_id, catalog)) is not None
    ]
    for place in dict.fromkeys((_exactly(change.family), _in_place_of(change.family))):
        for outfit_id, pieces in known:
            if any(FAMILY_OF[piece.category] in place for piece in pieces):
                yield _plan(outfit_id, pieces, place, "kept")
    if change.family == _OUTER:
        for outfit_id, pieces in known:
            yield _plan(outfit_id, pieces, (_OUTER,), "added")


def _exactly(family: str) -> tuple[str, ...]:
    return WORN_BELOW if family == "bottom" else (family,)


def _in_place_of(family: str) -> tuple[str, ...]:
    """Return the families that ``family`` is worn instead of: a skirt instead of trousers."""
    return WORN_BELOW if family in WORN_BELOW else _exactly(family)


def _plan(outfit_id: str, pieces: tuple[Item, ...], place: tuple[str, ...], note: Note) -> _Plan:
    worn = {FAMILY_OF[piece.category] for piece in pieces}
    stay = [piece.item_id for piece in pieces if FAMILY_OF[piece.category] not in place]
    return _Plan(outfit_id, tuple(stay), _OUTER not in (*worn, *place), note)
