"""Who reads a message: the rules, or a language model that the rules stand in for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final, Protocol

from anyio import to_thread

from services.gateway.chat.domain import Language, Understood
from services.gateway.chat.reading.llm import LanguageModel

_AT_ONCE: Final = 300
"""A message of so many characters is read in the event loop; a longer one would hold it up."""


@dataclass(frozen=True)
class Setting:
    """What a message is read in the light of."""

    asked: str | None
    """The slot that was asked for."""
    look_shown: bool
    language: Language
    """Of the conversation; for messages that have none."""
    today: date


class Rules(Protocol):
    """Reads messages by rules."""

    def understand(
        self, text: str, *, asked: str | None, look_shown: bool, today: date, language: Language
    ) -> Understood:
        """Return what ``text`` says."""


@cache
def shipped_rules() -> Rules:
    """Return the rules, one of them for the process; the first call takes a second or two."""
    from services.gateway.chat.understanding.reader import Reader

    return Reader()


class Readers:
    """The rules, and a language model where one is set up; for one event loop."""

    def __init__(self, model: LanguageModel | None) -> None:
        self._rules: Rules | None = None
        self._model = model

    async def warm(self) -> Rules:
        """Load the rules, if they are not; others are served meanwhile."""
        if self._rules is None:
            self._rules = await to_thread.run_sync(shipped_rules)
        return self._rules

    async def close(self) -> None:
        """Close the connections to the model."""
        if self._model is not None:
            await self._model.close()

    async def read(self, text: str, setting: Setting) -> Understood:
        """Return what ``text`` says; what the model does not tell in time, the rules do."""
        if self._model is not None:
            understood = await self._model.read(text, setting)
            if understood is not None:
                return understood
        rules = self._rules or await self.warm()
        if len(text) <= _AT_ONCE:
            return _by(rules, text, setting)
        return await to_thread.run_sync(_by, rules, text, setting)


def _by(rules: Rules, text: str, setting: Setting) -> Understood:
    return rules.understand(
        text,
        asked=setting.asked,
        look_shown=setting.look_shown,
        today=setting.today,
        language=setting.language,
    )
