"""Which of the masks that were found is which of the garments that were asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.generation.review.cloth import color_distance, misfit
from services.generation.review.picture import Box, aside
from shared.contracts.garments import Garment
from shared.contracts.generation import WornGarment
from shared.contracts.vocabulary import FAMILY_OF
from shared.masks import decode_mask

OVERLAP: Final = 0.7
"""Of the smaller of two masks: two that share more are not two garments."""
LEAST_FIT: Final = 0.4
"""What is left of the score of a mask of another colour (``cloth.misfit``: 1 or more)."""
LEAST_ASIDE: Final = 0.5
"""What is left of the score of a mask beside the wearer: a bag, someone else's (``aside``)."""
_SIDE: Final = 160
"""Masks are compared at so many rows at most."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Match:
    """The mask that is most likely an asked garment."""

    seen: Garment
    distance: float
    """CIEDE2000 to the asked colour; 0 where none is asked."""
    aside: float = 0.0
    """0..1, how far beside the wearer it is."""


@dataclass(frozen=True)
class Matching:
    """What was asked, found again."""

    found: tuple[Match | None, ...]
    """For every asked garment; None: no mask can be it."""
    loose: float
    """The score, 0..1, of the wearer's surest garment of a family that nobody asked for."""


def match(
    asked: Sequence[WornGarment], alternatives: Sequence[Garment], *, faces: Sequence[Box] = ()
) -> Matching:
    """Return the best match of every asked garment; no mask is taken for two of them.

    Of all ways to give masks to what was asked, the one with the largest sum of scores, each
    weighed by how its colour fits and whether it is below the wearer's face, is taken.
    """
    if not (asked and alternatives):
        return Matching((None,) * len(asked), 0.0)
    conflicts = _conflicts(alternatives)
    beside = [aside(one, faces) for one in alternatives]
    given = _best(_values(asked, alternatives, beside), conflicts)
    found = tuple(
        None if at is None else _match(worn, alternatives[at], beside[at])
        for worn, at in zip(asked, given, strict=True)
    )
    families = {FAMILY_OF[worn.category] for worn in asked}
    taken = [at for at in given if at is not None]
    free = [
        one.score * (1 - away)
        for one, away, clash in zip(alternatives, beside, conflicts, strict=True)
        if FAMILY_OF[one.category] not in families and not clash[taken].any()
    ]
    return Matching(found, max(free, default=0.0))


def _match(worn: WornGarment, one: Garment, away: float) -> Match:
    return Match(one, color_distance(worn, one), away)


def _values(
    asked: Sequence[WornGarment], alternatives: Sequence[Garment], beside: Sequence[float]
) -> Values:
    """Return (asked, alternatives): how much speaks for each mask, 0 in another family."""
    fits = np.array([[_value(worn, one) for one in alternatives] for worn in asked])
    return np.asarray(fits * (1 - (1 - LEAST_ASIDE) * np.array(beside)))


def _value(worn: WornGarment, one: Garment) -> float:
    if FAMILY_OF[one.category] != FAMILY_OF[worn.category]:
        return 0.0
    return one.score * (1 - (1 - LEAST_FIT) * min(misfit(worn, one), 1.0))


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
