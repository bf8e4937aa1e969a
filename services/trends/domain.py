"""How looks become counts, and how counts are drawn; pure.

The counting rule, the same in whatever order photos come:

1. A photo is a look unless it repeats one (``photo_id != look_id``): a repost is no new look.
2. A look with a garment stands in one cell for each distinct (item, colour) pair among its
   garments, for each distinct (item, ALL) and (ALL, colour), and in (ALL, ALL): at every level
   it counts once. All its cells have its week (the UTC Monday of its post), style and source.
3. Where ``a`` looks of an author fall into a cell, ``min(a, cap)`` count. Looks whose author is
   unknown all count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from shared.contracts.garments import Analysis, Garment
from shared.contracts.photos import PhotoRef
from shared.contracts.vocabulary import ALL, STYLES, UNKNOWN
from shared.trend_figures import week_of

BARS: Final = "▁▂▃▄▅▆▇█"
GAP: Final = "·"
"""In a sparkline: a week without any look."""


class CellKey(NamedTuple):
    """A cell of the weekly cube; sorts in the order in which workers lock cells."""

    week: date
    item: str
    color: str
    style: str
    source: str


@dataclass(frozen=True)
class Look:
    """What one photo adds to the counts."""

    week: date
    style: str
    source: str
    author: str | None
    garments: frozenset[tuple[str, str]]
    """Distinct (item, basic colour) pairs."""


Posted = PhotoRef | Analysis
"""Both say whose look a photo is, and when it was posted by whom."""

AuthorCounts = Counter[tuple[CellKey, str | None]]
"""Looks by cell and author, uncapped."""


def style_of(styles: Mapping[str, float]) -> str:
    """Return the most probable style, the first by name among equals; none: ``"unknown"``."""
    known = {name: probability for name, probability in styles.items() if name in STYLES}
    return min(known, key=lambda name: (-known[name], name)) if known else UNKNOWN


def is_counted(photo: Posted) -> bool:
    """Answer whether the photo is a look of its own, not a near-duplicate's."""
    return photo.photo_id == photo.look_id


def look_of(
    photo: Posted, styles: Mapping[str, float], garments: Iterable[tuple[str, str]]
) -> Look:
    """Return the look of a photo whose garments are the (item, basic colour) pairs."""
    return Look(
        week=week_of(photo.posted_at),
        style=style_of(styles),
        source=photo.source,
        author=photo.author,
        garments=frozenset(garments),
    )


def dominant_color(garment: Garment) -> str | None:
    """Return the basic colour of the garment's largest share; None: its colours are unknown."""
    if not garment.colors:
        return None
    return max(garment.colors, key=lambda color: color.share).basic


def cells_of(look: Look) -> set[CellKey]:
    """Return the cells a look stands in (rule 2); none without a garment."""
    pairs = {
        pair
        for item, color in look.garments
        for pair in ((item, color), (item, ALL), (ALL, color), (ALL, ALL))
    }
    return {CellKey(look.week, item, color, look.style, look.source) for item, color in pairs}


def tally(looks: Iterable[Look]) -> AuthorCounts:
    """Return how many of ``looks`` each author has in each cell."""
    return Counter((cell, look.author) for look in looks for cell in cells_of(look))


def credit(*, before: int, after: int, cap: int) -> int:
    """Return what a cell gains when an author's looks in it grow from ``before`` to ``after``.

    ``min(after, cap) - min(before, cap)``: the gains of any split of the same looks add up to
    ``min(looks, cap)``, which is rule 3 without regard to order.
    """
    return min(after, cap) - min(before, cap)


def capped(counts: AuthorCounts, *, cap: int) -> dict[CellKey, int]:
    """Return the cube that ``counts`` give (rule 3)."""
    cells: Counter[CellKey] = Counter()
    for (cell, author), number in counts.items():
        cells[cell] += number if author is None else min(number, cap)
    return dict(cells)


def sparkline(shares: Sequence[float | None]) -> str:
    """Return one bar a week, from zero to the largest share; ``·`` where the share is None."""
    top = max((share for share in shares if share is not None), default=0.0) or 1.0
    return "".join(
        GAP if share is None else BARS[round(share / top * (len(BARS) - 1))] for share in shares
    )
