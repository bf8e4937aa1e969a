"""Items like those on a photo, in the chat."""

from __future__ import annotations

from typing import Final

from services.gateway.catalog.alike import Alike
from services.gateway.catalog.similar import Similar, similar
from services.gateway.chat.deeds.counting import items_named
from services.gateway.chat.deeds.outcome import Outcome, Scene
from services.gateway.chat.domain import Slots
from services.gateway.chat.policy.acts import FindSimilar
from services.gateway.chat.wording.cards import ItemCard
from services.gateway.chat.wording.phrases import say
from services.gateway.problems import RefusedError
from services.gateway.recommend.domain import words_of
from services.gateway.recommend.views import item_view

_SHOWN: Final = 6
_LOOKED_AT: Final = 60
"""Items by garment of which those that fit the wish are shown."""
_WHY: Final = {"unknown_photo": "photo_unknown", "not_analyzed": "photo_waits"}


def find_similar(act: FindSimilar, scene: Scene) -> Outcome:
    """Show items like a photo's garments; those that were named, if any were."""
    try:
        found = similar(scene.gateway, scene.caller, act.photo_id, limit=_LOOKED_AT)
    except RefusedError as refused:
        return Outcome((say(_WHY.get(refused.reason, "photo_unknown"), scene.language),))
    best = _best(found, act.wanted, scene.profile.avoid)
    if not best:
        return Outcome((say("no_similar", scene.language, why="").strip(),))
    cards = tuple(
        ItemCard(item=item_view(one.item, scene.language), score=round(one.likeness, 4))
        for one in best
    )
    return Outcome((say("similar", scene.language, count=len(cards)),), cards)


def _best(found: tuple[Similar, ...], wanted: Slots, avoid: frozenset[str]) -> list[Alike]:
    """Return the most alike items, by turns of each garment, that fit what was said."""
    named = items_named(wanted)
    shelves = [
        [one for one in garment.items if _fits(one, wanted, avoid)]
        for garment in found
        if not named or garment.garment.category in named
    ]
    turns = [shelf[place] for place in range(_SHOWN) for shelf in shelves if place < len(shelf)]
    each = {one.item.item_id: one for one in reversed(turns)}
    return list(reversed(each.values()))[:_SHOWN]


def _fits(one: Alike, wanted: Slots, avoid: frozenset[str]) -> bool:
    words = words_of(one.item)
    asked = (wanted.color, wanted.pattern)
    if any(values and not words & set(values) for values in asked):
        return False
    if wanted.budget is not None and one.item.price > wanted.budget:
        return False
    return one.item.available and not words & (avoid | set(wanted.avoid))
