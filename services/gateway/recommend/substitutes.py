"""Items like each piece of an outfit, which hold the same limits. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from services.gateway.catalog.alike import Wanted, alike
from services.gateway.catalog.domain import Catalog, Item
from services.gateway.chat.domain import Slots
from services.gateway.people.domain import Profile
from services.gateway.recommend.domain import Outfit, words_of
from services.gateway.recommend.titles import words_in
from services.gateway.recommend.wishes import Limits

_LOOKED_AT = 12
"""So many times the number wanted is looked at, since some may not be shown."""


def substitutes(
    catalog: Catalog, outfits: Iterable[Outfit], wanted: Slots, profile: Profile, *, limit: int
) -> dict[str, list[Item]]:
    """Return, by item id of each piece, up to ``limit`` items in stock that look like it.

    None is avoided or made for others, and none makes the look dearer than the budget.
    """
    limits = Limits.of(wanted, profile)
    found: dict[str, list[Item]] = {}
    for outfit in outfits if limit else ():
        for piece in outfit.pieces:
            room = None if limits.budget is None else limits.budget - outfit.total + piece.price
            near = alike(
                catalog, Wanted.like(piece), limit=limit * _LOOKED_AT, without=(piece.item_id,)
            )
            fitting = [one.item for one in near if _holds(one.item, limits, room)]
            found[piece.item_id] = fitting[:limit]
    return found


def _holds(item: Item, limits: Limits, room: int | None) -> bool:
    return (
        item.available
        and (words_of(item) | words_in(item.title)).isdisjoint(limits.avoid)
        and (not limits.genders or item.gender in (*limits.genders, "any"))
        and (room is None or item.price <= room)
    )
