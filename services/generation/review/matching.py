"""Which of the masks that were found is which of the garments that were asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.generation.review.cloth import color_distance, misfit
from shared.contracts.garments import Garment
from shared.contracts.generation import WornGarment
from shared.contracts.vocabulary import FAMILY_OF
from shared.masks import decode_mask

OVERLAP: Final = 0.7
"""Of the smaller of two masks: two that share more are not two garments."""
FITTING: Final = 0.5
"""Misfit up to which a mask's colour speaks for it (``cloth.misfit``)."""
UNFITTING: Final = 1.6
"""The same, from which it speaks as much against it as it can."""
LEAST_FIT: Final = 0.4
"""What is left of the score of a mask of quite another colour."""
_SIDE: Final = 160
"""Masks are compared at so many rows at most."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Match:
    """The mask that is most likely an asked garment."""

    seen: Garment
    distance: float
    """CIEDE2000 to the asked colour; 0 where none is asked."""


@dataclass(frozen=True)
class Matching:
    """What was asked, found again."""

    found: tuple[Match | None, ...]
    """For every asked garment; None: no mask can be it."""
    loose: float
    """The score, 0..1, of the surest garment of a family that nobody asked for, elsewhere."""


def match(asked: Sequence[WornGarment], alternatives: Sequence[Garment]) -> Matching:
    """Return the best match of every asked garment; no mask is taken for two of them.

    Of all ways to give masks to what was asked, the one with the largest sum of scores, each
    weighed by how its colour fits, is taken.
    """
    if not (asked and alternatives):
        return Matching((None,) * len(asked), 0.0)
    conflicts = _conflicts(alternatives)
    given = _best(_values(asked, alternatives), conflicts)
    found = tuple(
        None if at is None else Match(alternatives[at], color_distance(worn, alternatives[at]))
        for worn, at in zip(asked, given, strict=True)
    )
    families = {FAMILY_OF[worn.category] for worn in asked}
    taken = [at for at in given if at is not None]
    free = [
        one.score
        for one, clash in zip(alternatives, conflicts, strict=True)
        if FAMILY_OF[one.category] not in families and not clash[taken].any()
    ]
    return Matching(found, max(free, default=0.0))


def _values(asked: Sequence[WornGarment], alternatives: Sequence[Garment]) -> Values:
    """Return (asked, alternatives): how much speaks for each mask, 0 in another family."""
    return np.array([[_value(worn, one) for one in alternatives] for worn in asked])


def _value(worn: WornGarment, one: Garment) -> float:
    if FAMILY_OF[one.category] != FAMILY_OF[worn.category]:
        return 0.0
    off = (misfit(worn, one) - FITTING) / (UNFITTING - FITTING)
    return one.score * (1 - (1 - LEAST_FIT) * min(max(off, 0.0), 1.0))


def _conflicts(alternatives: Sequence[Garment]) -> NDArray[np.bool_]:
    """Return (n, n): which two masks cannot both be a garment of their own."""
    masks: dict[str, NDArray[np.bool_]] = {}
    for one in alternatives:
        height, width = one.mask.size
        step = max(1, height // _SIDE)
        if one.mask.counts not in masks:
            small = decode_mask(one.mask, height=height, width=width)[::step, ::step]
            masks[one.mask.counts] = small.ravel()
    order = list(masks)
    flat = np.stack([masks[counts] for counts in order]).astype(np.float32)
    common = flat @ flat.T
    areas = np.maximum(flat.sum(axis=1), 1)
    clash = common > OVERLAP * np.minimum(areas[:, None], areas[None])
    np.fill_diagonal(clash, True)
    at = [order.index(one.mask.counts) for one in alternatives]
    return np.asarray(clash[np.ix_(at, at)])


def _best(values: Values, conflicts: NDArray[np.bool_]) -> list[int | None]:
    """Return the column of each row, None where it gets none; exhaustive: rows are few."""
    rows = len(values)
    best: tuple[float, list[int | None]] = (-1.0, [None] * rows)
    # What the rows from each one on can add at most: hopeless branches are cut.
    ceiling = np.append(np.cumsum(values.max(axis=1)[::-1])[::-1], 0.0)

    def give(row: int, taken: list[int | None], total: float) -> None:
        nonlocal best
        if total + ceiling[row] <= best[0]:
            return
        if row == rows:
            best = total, list(taken)
            return
        for column in np.argsort(-values[row], kind="stable"):
            if values[row, column] <= 0:
                break
            if not any(conflicts[column, other] for other in taken if other is not None):
                give(row + 1, [*taken, int(column)], total + float(values[row, column]))
        give(row + 1, [*taken, None], total)

    give(0, [], 0.0)
    return best[1]
