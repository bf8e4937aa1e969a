"""A made-up market with known truth: posts whose shares rise, fall and swing as planted.

100,000 posts of 120 weeks from five sources, in item x colour cells of very different size. Some
cells rise, fall or have a season; others are disturbed by what is no trend: bursts of spam from
throwaway authors, one look that everybody reposts, an author who posts all day, a source that
grows four times as loud, and a source that is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WEEKS: Final = 120
FIRST: Final = 104
"""The first week that is judged: two years are known before it."""
POSTS: Final = 100_000
CELLS: Final = 208
SOURCES: Final = 5
GARMENTS: Final = 2.5
WORN: Final = 0.7
"""Part of the garments that are in the cells."""
CAP: Final = 3
MIX: Final = np.array([0.3, 0.3, 0.2, 0.2, 0.0])
"""Parts of the sources at first."""
LOUD: Final = 0
NEW: Final = 4


@dataclass(frozen=True)
class Truth:
    """What was planted: cells, and the weeks it began."""

    rising: dict[int, int]
    falling: dict[int, int]
    seasonal: frozenset[int]
    burst: dict[int, int]
    viral: dict[int, int]
    busy: dict[int, int]


@dataclass(frozen=True)
class Posts:
    """One row a post, in the order of their ids; garments as a padded matrix."""

    week: Ints
    source: Ints
    author: Ints
    """-1: unknown."""
    look: Ints
    """The row of the post that this one repeats, or its own."""
    cells: Ints
    """(posts, 3), -1: no garment."""


def make_market(seed: int, *, posts: int = POSTS) -> tuple[Posts, Truth]:
    """Return a market; another seed draws everything anew, also what is planted where."""
    dice = np.random.default_rng(seed)
    size = dice.permutation(1 / np.arange(1, CELLS + 1) ** 0.7)
    size /= size.sum()
    # Each source has its own taste.
    taste = size * np.exp(dice.normal(0, 0.6, (SOURCES, CELLS)))
    taste *= WORN / taste.sum(1, keepdims=True)
    truth = _plant(dice, MIX @ taste * GARMENTS * posts / WEEKS)
    shares = _shares(dice, taste, truth)
    loudness = MIX[:, None] * np.ones(WEEKS)
    loudness[LOUD, FIRST + 4 :] *= 4
    loudness[NEW, FIRST + 6 :] = 0.3
    per_week = dice.multinomial(posts, np.full(WEEKS, 1 / WEEKS))
    loud = loudness / loudness[:, :1].sum()
    counts = dice.poisson(per_week * loud)
    parts = [_ordinary(dice, shares, counts), *_disturbances(dice, truth)]
    return _shuffled(dice, parts), truth


def tally(posts: Posts, *, cap: int = CAP) -> tuple[Floats, Floats]:
    """Return looks (cells, sources, weeks) and all looks (sources, weeks) by the counting rule.

    Rule 1: repeats are no looks. Rule 2: an author's first ``cap`` looks of a week and source (the
    rows stand in the order of their ids) count. Rule 3: a look stands in a cell once.
    """
    own = np.flatnonzero(posts.look == np.arange(len(posts.look)))
    group = (posts.author[own] * WEEKS + posts.week[own]) * SOURCES + posts.source[own]
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)]))
    kept = own[order][(rank < cap) | (posts.author[own][order] < 0)]
    place = posts.source[kept] * WEEKS + posts.week[kept]
    totals = np.bincount(place, minlength=SOURCES * WEEKS)
    worn = posts.cells[kept]
    flat = np.unique((np.arange(len(kept))[:, None] * CELLS + worn)[worn >= 0])
    cell = flat % CELLS * (SOURCES * WEEKS) + place[flat // CELLS]
    looks = np.bincount(cell, minlength=CELLS * SOURCES * WEEKS)
    return (
        looks.reshape(CELLS, SOURCES, WEEKS).astype(float),
        totals.reshape(SOURCES, WEEKS).astype(float),
    )


def _plant(dice: np.random.Generator, weekly: Floats) -> Truth:
    """Choose the cells: what is to be found needs ten looks a week, disturbances take any."""
    seen = dice.permutation(np.flatnonzero(weekly >= 10))
    rising, falling, seasonal = seen[:10], seen[10:16], seen[16:24]
    others = dice.permutation(np.setdiff1d(np.arange(CELLS), seen[:24]))

    def begun(cells: Ints) -> dict[int, int]:
        return {int(cell): int(dice.integers(FIRST, WEEKS - 3)) for cell in cells}

    return Truth(
        rising=begun(rising),
        falling=begun(falling),
        seasonal=frozenset(seasonal.tolist()),
        burst=begun(others[:8]),
        viral=begun(others[8:12]),
        busy=begun(others[12:16]),
    )


def _shares(dice: np.random.Generator, taste: Floats, truth: Truth) -> Floats:
    """Return each cell's part of garments by source and week, (sources, weeks, cells)."""
    week = np.arange(WEEKS)
    weather = np.exp(dice.normal(0, 0.08, (1, WEEKS, CELLS)))  # weeks differ more than by chance
    change = np.ones((WEEKS, CELLS))
    for cell, start in truth.rising.items():
        change[:, cell] = 1 + 1.5 * np.clip((week - start + 1) / 2, 0, 1)
    for cell, start in truth.falling.items():
        change[:, cell] = 1 - 0.7 * np.clip((week - start + 1) / 2, 0, 1)
    for cell in truth.seasonal:
        phase = dice.uniform(0, 2 * np.pi)
        change[:, cell] = np.exp(0.8 * np.sin(2 * np.pi * week / 52.18 + phase))
    # Something else is worn, too, and gives way: what is planted in one cell moves no other.
    shares: Floats = taste[:, None] * weather * change
    return shares


def _ordinary(dice: np.random.Generator, shares: Floats, counts: Ints) -> Posts:
    source, week = (part.ravel() for part in np.indices(counts.shape))
    source, week = np.repeat(source, counts.ravel()), np.repeat(week, counts.ravel())
    number = dice.integers(2, 4, len(week))
    bounds = shares.cumsum(2)
    cells = np.full((len(week), 3), -1)
    for start in np.flatnonzero(np.diff(source * WEEKS + week, prepend=-1)):
        stop = start + counts[source[start], week[start]]
        drawn = np.searchsorted(bounds[source[start], week[start]], dice.random((stop - start, 3)))
        cells[start:stop] = np.where(drawn < CELLS, drawn, -1)
    cells[np.arange(3) >= number[:, None]] = -1
    # Few post much, many post once; a tenth is unknown.
    author = (8_000 * dice.random(len(week)) ** 3).astype(int) + source * 8_000
    author[dice.random(len(week)) < 0.1] = -1
    return Posts(week, source, author, np.arange(len(week)), cells)


def _disturbances(dice: np.random.Generator, truth: Truth) -> list[Posts]:
    spam = [
        _same(dice, cell, week=week + np.zeros(120, int), source=int(dice.integers(4)))
        for cell, week in truth.burst.items()
    ]
    viral = []
    for cell, start in truth.viral.items():
        posts = _same(dice, cell, week=start + dice.integers(0, 3, 400), source=None)
        # Near-duplicates are linked to the first; one in a hundred slips through.
        look = np.where(dice.random(400) < 0.99, 0, np.arange(400))
        viral.append(Posts(posts.week, posts.source, posts.author, look, posts.cells))
    busy = []
    for cell, start in truth.busy.items():
        posts = _same(dice, cell, week=np.repeat(np.arange(start, WEEKS), 40), source=1)
        author = np.full_like(posts.author, 900_000_000 + cell)
        busy.append(Posts(posts.week, posts.source, author, posts.look, posts.cells))
    return [*spam, *viral, *busy]


def _same(dice: np.random.Generator, cell: int, *, week: Ints, source: int | None) -> Posts:
    """Return posts that all wear one cell, each by an author of its own."""
    number = len(week)
    worn = np.full((number, 3), -1)
    worn[:, 0] = cell
    sources = dice.integers(0, 4, number) if source is None else np.full(number, source)
    author = 800_000_000 + dice.integers(0, 90_000_000, number)
    return Posts(np.minimum(week, WEEKS - 1), sources, author, np.arange(number), worn)


def _shuffled(dice: np.random.Generator, parts: list[Posts]) -> Posts:
    """Join the parts in the order of random photo ids."""
    offsets = np.cumsum([0, *(len(part.week) for part in parts[:-1])])
    look = np.concatenate([part.look + at for part, at in zip(parts, offsets, strict=True)])
    order = dice.permutation(len(look))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    joined = [
        np.concatenate([getattr(part, name) for part in parts])[order]
        for name in ("week", "source", "author", "cells")
    ]
    return Posts(joined[0], joined[1], joined[2], place[look[order]], joined[3])
