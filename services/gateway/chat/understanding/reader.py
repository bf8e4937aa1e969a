"""Reads a message: intent, slots, time, money, language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from services.gateway.chat.domain import Language, Understood
from services.gateway.chat.understanding.intent import Classifier, Seen
from services.gateway.chat.understanding.lexicon import FOLDER, Lexicon, Watched
from services.gateway.chat.understanding.matching import Mention, every, longest
from services.gateway.chat.understanding.money import Money, budget_in
from services.gateway.chat.understanding.negation import refused
from services.gateway.chat.understanding.period import periods_in
from services.gateway.chat.understanding.slots import slots_of
from services.gateway.chat.understanding.spelling import mended, respelled
from services.gateway.chat.understanding.text import has_hangul, language_of, plain
from services.gateway.chat.understanding.tokens import Token, tokenize

SILENT = frozenset(("greeting", "reset", "out_of_scope"))
"""Intents whose sentences fill no slot: "will it rain?" wishes for no rainy day's look."""


class Reader:
    """Understands one message at a time by rules, a lexicon and a small linear model.

    Safe to share between threads. The lexicon's files are looked at once a second at most.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read the lexicon in `folder` and the model. Raises LexiconError."""
        self._lexicon = Watched(folder)
        self._classifier = Classifier.shipped()

    def understand(
        self,
        text: str,
        *,
        asked: str | None,
        look_shown: bool,
        today: date,
        language: Language,
    ) -> Understood:
        """Return what `text` says; never raises for any text.

        `asked`: the slot of the question just asked; `look_shown`: an outfit or a picture was
        just shown; `language`: taken where the text itself is in none (numbers, emoji).
        """
        seen = see(text, self._lexicon.current(), asked=asked, look_shown=look_shown)
        period, compared_with = periods_in(seen.text, today)
        intent, confidence = self._classifier.intent_of(seen, has_period=period is not None)
        slots = slots_of(seen.tokens, seen.mentions, seen.refused, asked=asked, budget=seen.budget)
        if intent in SILENT:
            slots = type(slots)()
            period = compared_with = None
        return Understood(
            intent=intent,
            slots=slots,
            language=language_of(seen.text, seen.tokens, language),
            period=period,
            compared_with=compared_with,
            confidence=confidence,
        )


def see(text: str, lexicon: Lexicon, *, asked: str | None, look_shown: bool) -> Seen:
    """Return the words of `text` and what the lexicon knows of them."""
    cleaned = plain(text)
    if has_hangul(cleaned):
        cleaned = respelled(cleaned, lexicon.spelling["ko"])
    tokens = mended(tokenize(cleaned), lexicon)
    mentions = longest(lexicon.slots, tokens)
    money = budget_in(cleaned, asked)
    if money is not None:
        mentions = [one for one in mentions if not _is_of_money(tokens, one, money)]
    return Seen(
        text=cleaned,
        tokens=tokens,
        mentions=mentions,
        cues=every(lexicon.cues, tokens),
        refused=refused(tokens, mentions),
        budget=money.won if money else None,
        asked=asked,
        look_shown=look_shown,
    )


def _is_of_money(tokens: Sequence[Token], mention: Mention, money: Money) -> bool:
    """Return whether a match lies within an amount, or is the "tops" behind it."""
    first, last = tokens[mention.first], tokens[mention.last]
    if first.start >= money.start and last.end <= money.end:
        return True
    return first.form == "top" and 0 <= first.start - money.end <= 1
