"""Millions of made-up facts, drawn with numpy, and the cells they add up to.

Items, colours, patterns and styles come as often as on the street (some much, most seldom); few
authors post much. A tenth of the looks repeat another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, PATTERNS, STYLES
from shared.trend_figures import window

Ints = npt.NDArray[np.int64]

GARMENTS: Final = 3
WEEKS: Final = 110
LAST: Final = date(2026, 9, 7)
SOURCES: Final = ("instagram", "mastodon", "pixelfed", "street", "tumblr")
AUTHORS: Final = 200_000
_MIX: Final = (0.45, 0.2, 0.15, 0.12, 0.08)


@dataclass(frozen=True)
class Week:
    """One week's looks; the garments of look i are row i of the matrices."""

    monday: date
    photo_ids: list[str]
    """Random 64 hex digits, sorted."""
    source: Ints
    style: Ints
    author: Ints
    repeats: npt.NDArray[np.bool_]
    item: Ints
    color: Ints
    pattern: Ints
    """(looks, GARMENTS)"""


def weeks_of(facts: int, *, seed: int = 1) -> Iterator[Week]:
    """Yield ``WEEKS`` weeks that have ``facts`` facts together, the oldest first."""
    dice = np.random.default_rng(seed)
    looks = facts // GARMENTS
    each = dice.multinomial(looks, np.full(WEEKS, 1 / WEEKS))
    for monday, number in zip(window(LAST, WEEKS), each, strict=True):
        yield _week(dice, monday, int(number))


def rows_of(week: Week, counted: npt.NDArray[np.bool_]) -> Iterator[tuple[object, ...]]:
    """Yield the facts table's columns but the number, in their order."""
    for at, photo_id in enumerate(week.photo_ids):
        look_id = "0" * 64 if week.repeats[at] else photo_id
        for item, color, pattern in zip(
            week.item[at], week.color[at], week.pattern[at], strict=True
        ):
            yield (
                photo_id, look_id, week.monday.isoformat(), CATEGORIES[item], BASIC_COLORS[color],
                BASIC_COLORS[color], "#808080", PATTERNS[pattern], STYLES[week.style[at]],
                SOURCES[week.source[at]], f"author{week.author[at]}", 0.9, bool(counted[at]),
            )  # fmt: skip


def counted_of(week: Week, *, cap: int) -> npt.NDArray[np.bool_]:
    """Return which looks count: no repeats, and each author's first ones in a source."""
    counted = np.zeros(len(week.photo_ids), bool)
    own = np.flatnonzero(~week.repeats)
    group = week.author[own] * len(SOURCES) + week.source[own]
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)]))
    counted[own[order][rank < cap]] = True
    return counted


def _week(dice: np.random.Generator, monday: date, number: int) -> Week:
    shape = (number, GARMENTS)
    raw = dice.bytes(32 * number).hex()
    season = 2 * np.pi * (monday - date(2024, 1, 1)).days / 365.25
    return Week(
        monday=monday,
        photo_ids=sorted(raw[at : at + 64] for at in range(0, len(raw), 64)),
        source=dice.choice(len(SOURCES), number, p=_MIX),
        style=dice.choice(len(STYLES), number, p=_falling(len(STYLES), 0.6)),
        author=(AUTHORS * dice.random(number) ** 2).astype(np.int64),
        repeats=dice.random(number) < 0.1,
        item=dice.choice(len(CATEGORIES), shape, p=_falling(len(CATEGORIES), 0.8, turn=season)),
        color=dice.choice(len(BASIC_COLORS), shape, p=_falling(len(BASIC_COLORS), 0.8)),
        pattern=dice.choice(len(PATTERNS), shape, p=_falling(len(PATTERNS), 1.6)),
    )


def _falling(number: int, steep: float, *, turn: float = 0.0) -> npt.NDArray[np.float64]:
    place = np.arange(1, number + 1)
    weights = place**-steep * (1 + 0.3 * np.sin(turn + place))
    return weights / weights.sum()
