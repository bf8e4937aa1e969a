"""How pieces, weeks, shares and prices are called, in Korean and English. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from services.gateway.catalog.domain import Item
from services.gateway.recommend.domain import Language, main_color
from shared.contracts.vocabulary import label

_MONTHS: Final = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]
_HANGUL: Final = range(0xAC00, 0xD7A4)


def particle(word: str, pair: tuple[str, str]) -> str:
    """Return the Korean particle that follows ``word``: after a final consonant the first.

    What ends with no Korean syllable takes the second.
    """
    last = ord(word[-1]) if word else 0
    closed = last in _HANGUL and (last - _HANGUL.start) % 28 > 0
    return pair[0] if closed else pair[1]


@lru_cache(maxsize=8_192)
def piece_label(item: Item, language: Language) -> str:
    """Return what a piece is: its colour, its pattern where it has one, its category."""
    pattern = item.pattern if item.pattern != "solid" else None
    return row_label((main_color(item), pattern, item.category), language)


def row_label(words: Iterable[str | None], language: Language) -> str:
    """Return vocabulary words one after the other; what is None is left out."""
    return " ".join(label(word, language) for word in words if word)


def listed(words: Iterable[str]) -> str:
    """Return words with commas between, each once."""
    return ", ".join(dict.fromkeys(words))


def sentence(text: str) -> str:
    """Return an English text with a capital letter."""
    return text[:1].upper() + text[1:]


def won(amount: int, language: Language) -> str:
    """Return a price."""
    return f"{amount:,}원" if language == "ko" else f"{amount:,} won"


def percent(share: float) -> str:
    """Return a change as a whole number with its sign: ``+32%``."""
    return f"{round(100 * share):+d}%"


def weeks_label(weeks: Sequence[date], language: Language, *, recent: bool) -> str:
    """Return whole weeks, given by their Mondays, as a stretch of time with its days."""
    first, last = weeks[0], weeks[-1] + timedelta(days=6)
    number = len(weeks)
    if language == "ko":
        days = f"{_day_ko(first, year=not recent)}~{_day_ko(last)}"
        return f"지난 {number}주({days})" if recent else f"{days}의 {number}주"
    days = f"{_day_en(first, year=not recent)}–{_day_en(last)}"
    if not recent:
        return f"the {_weeks_en(number)} {days}"
    return f"the last {_weeks_en(number)} ({days})"


def looks_en(number: int) -> str:
    """Return a number of looks."""
    return f"{number:,} look" if number == 1 else f"{number:,} looks"


def _weeks_en(number: int) -> str:
    return "week" if number == 1 else f"{number} weeks"


def _day_ko(day: date, *, year: bool = False) -> str:
    return f"{day.year}년 {day.month}/{day.day}" if year else f"{day.month}/{day.day}"


def _day_en(day: date, *, year: bool = False) -> str:
    text = f"{day.day} {_MONTHS[day.month - 1]}"
    return f"{text} {day.year}" if year else text
