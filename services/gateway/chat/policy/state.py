"""Where a conversation stands: what the dialogue goes on from. Pure; kept as JSON."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.chat.domain import VALUES, Intent, Language, Period, Slots

REMEMBERED_LOOKS: Final = 60
"""Looks that a conversation has shown and does not show again."""

OF_THE_PERSON: Final = ("style", "gender", "personal_color")
"""Slots that hold on when the talk turns to another wish: they are about who asks."""


class Shown(BaseModel):
    """A look that was shown last."""

    model_config = ConfigDict(frozen=True)

    outfit_id: str
    items: tuple[str, ...]
    """Ids of its pieces."""
    total: int
    """KRW."""


class Pending(BaseModel):
    """A question that waits for its answer."""

    model_config = ConfigDict(frozen=True)

    slot: str
    """A slot's name, or ``quiz``, ``erase``, ``photo``."""
    choices: tuple[str, ...] = ()
    """Vocabulary words, in the order in which they were offered."""
    strays: int = 0
    """Messages since that did not answer it."""

    @property
    def reads_as(self) -> str | None:
        """The slot that an answer to it fills, as the reader knows it."""
        if self.slot == "quiz":
            return "personal_color"
        return self.slot if self.slot in VALUES or self.slot == "budget" else None


class State(BaseModel):
    """All that a conversation remembers."""

    model_config = ConfigDict(frozen=True)

    language: Language
    topic: Intent | None = None
    known: Slots = Slots()
    """What the person wants, from all messages of the topic."""
    versions: int = 1
    """Where it is a picture: so many of it, to choose from."""
    haggled: bool = False
    """The budget is ours, from "cheaper", and does not outlive the wish."""
    trend: Slots = Slots()
    """What the last question to the counts was about."""
    period: Period | None = None
    """The time it was about."""
    ahead: bool = False
    """It was about a time to come."""
    asked: tuple[str, ...] = ()
    """Slots that were asked for: none is asked for twice."""
    open: tuple[str, ...] = ()
    """Slots that were asked for and left open."""
    pending: Pending | None = None
    shown: tuple[Shown, ...] = ()
    seen: tuple[str, ...] = Field(default=(), description="ids of looks, oldest first")
    pictures: tuple[str, ...] = ()
    """Jobs of the drawings on the table, each a change of the one before; the last is looked at."""
    variant: int = 1
    """Which of its variants is looked at."""
    focus: str | None = None
    """The garment of it that was spoken of last."""
    strays: int = 0
    """Messages in a row that meant nothing to us."""
    quiz: tuple[str, ...] = ()
    """Answers to the questions about the personal colour so far."""

    def now(self, **changed: object) -> State:
        """Return the state with some of it changed."""
        return self.model_copy(update=changed)

    def with_pictures(self, pictures: tuple[str, ...] = (), *, variant: int = 1) -> State:
        """Return the state with other pictures on the table."""
        return self.now(pictures=pictures, variant=variant, focus=None)


def merged(known: Slots, said: Slots) -> Slots:
    """Return what is known after ``said``: the later word replaces the earlier one.

    What is wanted now is no longer avoided, and what is avoided now no longer wanted; of both in
    one message the refusal holds.
    """
    wanted = {
        name: tuple(v for v in getattr(said, name) or getattr(known, name) if v not in said.avoid)
        for name in VALUES
    }
    now_wanted = {value for name in VALUES if getattr(said, name) for value in wanted[name]}
    avoid = [value for value in known.avoid if value not in now_wanted]
    return Slots(
        **wanted,
        budget=said.budget if said.budget is not None else known.budget,
        avoid=tuple(dict.fromkeys((*avoid, *said.avoid))),
    )


def of_the_person(state: State) -> Slots:
    """Return what holds on when another wish begins: who it is for, their budget, their noes."""
    kept = {name: getattr(state.known, name) for name in OF_THE_PERSON}
    budget = None if state.haggled else state.known.budget
    return Slots(**kept, budget=budget, avoid=state.known.avoid)


def dropped(state: State) -> State:
    """The talk turns to something else: what was asked stays open and is not asked again."""
    if state.pending is None:
        return state
    return state.now(pending=None, open=(*state.open, state.pending.slot))
