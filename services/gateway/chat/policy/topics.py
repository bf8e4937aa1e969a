"""What a wish becomes: the question to ask, the change to a look, the trend to tell. Pure."""

from __future__ import annotations

from typing import Final

from services.gateway.chat.domain import Slots, Understood
from services.gateway.chat.policy.acts import (
    Ask,
    Change,
    Decision,
    Explain,
    Forget,
    Recommend,
    TellTrend,
)
from services.gateway.chat.policy.moves import Moves
from services.gateway.chat.policy.state import Pending, State, merged
from shared.contracts.vocabulary import FAMILY_OF, WORN_BELOW

_CHEAPER: Final = 0.85
"""The next looks cost at most so much of the one that was too dear."""

_CELL: Final = ("item", "color", "pattern", "style")
"""What a trend can be about."""


def ask(state: State, slot: str, choices: tuple[str, ...]) -> Decision:
    """Ask for ``slot``, once."""
    pending = Pending(slot=slot, choices=choices)
    return Decision(state.now(pending=pending, asked=(*state.asked, slot)), Ask(slot))


def look_of(state: State, moves: Moves) -> int:
    """Return the index of the look that a message is about: the one it counts, or the first."""
    return picked(state, moves) or 0


def picked(state: State, moves: Moves) -> int | None:
    """Return the index of the look that a message counts, or None."""
    pick, shown = moves.pick, len(state.shown)
    return None if pick is None or pick >= shown else pick % shown


def explained(state: State, understood: Understood, moves: Moves) -> Decision | None:
    """Return why the looks were chosen, where that is asked right after them."""
    other = moves.cheaper or moves.others or moves.only or moves.erases or moves.liked is False
    about_trends = understood.intent == "trend_query" and understood.slots != Slots()
    right_after = state.shown and state.topic in ("recommend", "generate")
    if not moves.why or not right_after or other or about_trends:
        return None
    return Decision(state, Explain(picked(state, moves)))


def refined(state: State, said: Slots, moves: Moves) -> Decision:
    """Return the looks after a change to those that were shown."""
    family = _piece(said, moves)
    if family is not None:
        known = merged(state.known, Slots(avoid=said.avoid))
        wanted = Slots(item=said.item, color=said.color, pattern=said.pattern, avoid=known.avoid)
        change = Change(picked(state, moves), family)
        return Decision(state.now(known=known, topic="recommend"), Recommend(wanted, change=change))
    known = merged(state.known, said)
    notes: tuple[str, ...] = ()
    if moves.cheaper and said.budget is None:
        known = known.model_copy(
            update={"budget": cheaper_than(state.shown[look_of(state, moves)].total)}
        )
        state = state.now(haggled=True)
        notes = ("cheaper",)
    elif said == Slots():
        notes = ("others",)
    refused = moves.liked is False and said == Slots() and not moves.cheaper
    act = Recommend(known, refused=refused, notes=notes)
    return Decision(state.now(known=known, topic="recommend"), act)


def swapped(said: Slots) -> Slots:
    """Return what was said without a "no" to the kind of piece that was named: "a vest, no top"."""
    families = {FAMILY_OF.get(word, word) for word in said.item}
    if families & set(WORN_BELOW):
        families.add("bottom")
    kept = tuple(word for word in said.avoid if word in said.item or word not in families)
    return said.model_copy(update={"avoid": kept})


def cheaper_than(total: int) -> int:
    """Return the budget, in whole 1,000 KRW, of looks that are clearly cheaper than ``total``."""
    return max(1_000, int(total * _CHEAPER) // 1_000 * 1_000)


def _piece(said: Slots, moves: Moves) -> str | None:
    """Return the family that alone shall change, or None: the whole look shall.

    It is named alone ("only the jacket", "swap the shirt for a tee"), or with a colour or
    pattern of its own. A family that is turned down makes a new look, unless the other one shall
    be worn in its place ("change the trousers to a skirt").
    """
    if len(said.item) != 1 or said.style or said.occasion or said.season or said.budget:
        return None
    family = FAMILY_OF.get(said.item[0], said.item[0])
    turned_down = {FAMILY_OF.get(word, word) for word in said.avoid}
    instead = WORN_BELOW if moves.only and family in WORN_BELOW else (family,)
    if (turned_down & set(FAMILY_OF.values())) - set(instead):
        return None
    return family if moves.only or said.color or said.pattern or not said.avoid else None


def trend(state: State, understood: Understood, moves: Moves) -> Decision:
    """Return the question to the counts; without a word of its own it goes on with the last."""
    about, period, ahead = understood.slots, understood.period, moves.ahead
    if _goes_on(state, understood, moves):
        if about == Slots() and moves.dimension is None:
            about = state.trend
            if moves.now:
                about = about.model_copy(update={"season": ()})
        if period is None and not about.season and not moves.now:
            period, ahead = state.period, ahead or state.ahead
            about = about.model_copy(update={"season": state.trend.season})
    after = state.now(topic="trend_query", trend=about, period=period, ahead=ahead)
    by = told_by(about, moves.dimension)
    act = TellTrend(about, by, period, understood.compared_with, ahead=ahead)
    return Decision(after, act)


def trend_goes_on(state: State, understood: Understood, moves: Moves) -> Decision | None:
    """Return the answer to "how about skirts?" after a trend, whatever else it could mean."""
    said = understood.slots
    counted = Slots(**{name: getattr(said, name) for name in (*_CELL, "season")})
    unclear = understood.intent in ("recommend", "refine", "answer", "similar", "out_of_scope")
    goes_on = state.topic == "trend_query" and state.pending is None and moves.follows
    if not (goes_on and unclear and said == counted) or said == Slots() or moves.asks_looks:
        return None
    return trend(state, understood, moves)


def _goes_on(state: State, understood: Understood, moves: Moves) -> bool:
    """Tell whether a question to the counts is the rest of the one before."""
    if state.topic != "trend_query":
        return False
    timed = understood.period is not None or understood.compared_with is not None
    bare = understood.slots == Slots() and moves.dimension is None
    return moves.follows or understood.intent != "trend_query" or (bare and timed)


def told_by(about: Slots, dimension: str | None) -> tuple[str, ...]:
    """Return what the rows of a trend are told by: what was named and what was asked for."""
    named = tuple(name for name in _CELL if getattr(about, name) and name != "style")
    if dimension is not None and dimension not in named and not getattr(about, dimension):
        return (*named, dimension)
    if named:
        return named
    if about.style:
        return ("style",)
    return ("item", "color")


def forgetting(state: State, said: Slots, moves: Moves) -> Decision:
    """Return what shall be forgotten; everything only after a yes."""
    values = (*said.style, *said.item, *said.color, *said.pattern, *said.avoid)
    kinds = tuple(name for name in ("gender", "personal_color") if getattr(said, name))
    if said.budget is not None:
        kinds = (*kinds, "budget")
    if values or kinds:
        known = state.known.model_copy(
            update={
                "avoid": tuple(word for word in state.known.avoid if word not in values),
                "style": tuple(word for word in state.known.style if word not in values),
            }
        )
        return Decision(state.now(known=known), Forget(values, kinds))
    if moves.dimension is not None and not moves.everything:
        return Decision(state, Forget(kinds=(moves.dimension,)))
    return Decision(state.now(pending=Pending(slot="erase")), Ask("erase"))
