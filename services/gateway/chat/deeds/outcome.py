"""What carrying out an act gives: words, cards, and what is written with the message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from services.gateway.access import Caller, Gateway
from services.gateway.chat.domain import Language
from services.gateway.chat.keeping.store import Effect
from services.gateway.chat.policy.state import State
from services.gateway.chat.wording.cards import Card
from services.gateway.people.domain import Profile
from services.gateway.people.learning import Signal


@dataclass(frozen=True)
class Scene:
    """Who asks, when, and where the conversation stands."""

    gateway: Gateway
    caller: Caller
    session_id: str
    state: State
    """As the dialogue left it."""
    profile: Profile
    now: datetime

    @property
    def language(self) -> Language:
        """The language of the message."""
        return self.state.language

    @property
    def today(self) -> date:
        """The day, UTC."""
        return self.now.date()


@dataclass(frozen=True)
class Outcome:
    """What a message is answered, and what it changes."""

    sentences: tuple[str, ...]
    cards: tuple[Card, ...] = ()
    choices: tuple[str, ...] = ()
    job_id: str | None = None
    state: State | None = None
    """Where the conversation stands after it; None: as the dialogue left it."""
    signals: tuple[Signal, ...] = ()
    """What it tells of the person's tastes, to be learned with the message."""
    effects: tuple[Effect, ...] = ()
    """Written in the transaction of the message."""
    afterwards: tuple[Callable[[], None], ...] = ()
    """Done once the message is written."""
