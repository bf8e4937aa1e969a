"""From the network's raw answer to garments: pure, on arrays.

The network answers for P places ("priors") of a padded input picture; a garment is a place whose
score is high. Its mask comes from RTMDet-Ins's dynamic convolutions (Lyu et al. 2022): each place
brings the weights of a tiny network that runs over the picture's shared prototypes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.contracts.garments import Garment
from shared.contracts.vocabulary import CATEGORIES, FAMILY_OF
from shared.masks import encode_mask

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Pixels = NDArray[np.uint8]

STRIDES: Final = (8, 16, 32)
HIDDEN: Final = 8
"""Channels of the dynamic convolutions; the input has two more, the relative position."""


@dataclass(frozen=True, eq=False)
class RawAnswer:
    """What the network says of one picture of (height, width) pixels, padded to stride 32."""

    scores: Floats
    """(P, 13), 0 to 1."""
    distances: Floats
    """(P, 4): from the place to the box's left, top, right and bottom, in input pixels."""
    kernels: Floats
    """(P, 169): the weights, then the biases, of the dynamic convolutions."""
    prototypes: Floats
    """(8, height / 8, width / 8)."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A possible garment: category index, score, and its mask as (h, w) logits of stride 8."""

    category: int
    score: float
    logits: Floats

    @property
    def mask(self) -> Mask:
        """Where the logits are positive: coarse, but enough to compare garments."""
        return self.logits > 0


@dataclass(frozen=True)
class Rules:
    """What counts as a garment; the shipped values were chosen on the validation split."""

    threshold: float
    """Garments of a lower score are not reported."""
    candidate_score: float = 0.04
    """Places of a lower score are not looked at."""
    places: int = 30
    """At most so many places are looked at."""
    candidates: int = 14
    """At most so many different masks go to the second stage."""
    box_overlap: float = 0.6
    """Places whose boxes overlap more, in one category, are one garment."""
    same_mask: float = 0.9
    """Places whose masks overlap more are one candidate, seen as several categories."""
    mask_overlap: float = 0.5
    """Masks of one family that overlap more are one garment seen twice."""
    other_mask_overlap: float = 0.6
    """The same between families: nobody's skirt fills exactly a dress."""
    smallest_share: float = 0.002
    """Garments that cover less of the picture are dropped."""
    passer_by: float = 0.06
    """Garments smaller than this share of the photo's largest belong to people behind."""


def place_grid(height: int, width: int) -> Floats:
    """Return (P, 3): x, y and stride of every place of an input of ``height`` x ``width``."""
    levels = []
    for stride in STRIDES:
        y, x = np.mgrid[0:height:stride, 0:width:stride]
        levels.append(np.stack([x.ravel(), y.ravel(), np.full(x.size, stride)], axis=1))
    return np.concatenate(levels).astype(np.float32)


def select_places(answer: RawAnswer, grid: Floats, rules: Rules) -> list[tuple[int, int]]:
    """Return (place, category) pairs, best first: non-maximum suppression within a category."""
    categories = answer.scores.shape[1]
    order = np.argsort(-answer.scores, axis=None, kind="stable")
    order = order[answer.scores.ravel()[order] >= rules.candidate_score][: 20 * rules.places]
    origin = np.concatenate([grid[:, :2], grid[:, :2]], axis=1)
    boxes = origin + answer.distances * np.array([-1, -1, 1, 1], np.float32)
    kept: list[tuple[int, int]] = []
    for index in order:
        place, category = divmod(int(index), categories)
        rivals = [boxes[other] for other, of in kept if of == category]
        if not rivals or box_iou(boxes[place], np.stack(rivals)).max() <= rules.box_overlap:
            kept.append((place, category))
        if len(kept) == rules.places:
            break
    return kept


def box_iou(box: Floats, others: Floats) -> Floats:
    """Return (n,) intersections over unions of ``box`` (4,) with ``others`` (n, 4)."""
    corner = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    common = np.clip(corner, 0, None).prod(axis=1)
    area = (box[2:] - box[:2]).prod()
    union = area + (others[:, 2:] - others[:, :2]).prod(axis=1) - common
    iou: Floats = common / np.maximum(union, 1e-6)
    return iou


def mask_logits(prototypes: Floats, kernels: Floats, places: Floats) -> Floats:
    """Run the dynamic convolutions of n places: (n, h, w) logits at stride 8.

    ``kernels`` (n, 169) and ``places`` (n, 3) are rows of the answer and of its grid.
    """
    channels, height, width = prototypes.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) * STRIDES[0]
    own = np.stack([x, y]).reshape(1, 2, -1)
    relative = (places[:, :2, None] - own) / (places[:, 2:, None] * 8)
    shared = np.broadcast_to(prototypes.reshape(1, channels, -1), (len(places), channels, x.size))
    values: Floats = np.concatenate([relative, shared], axis=1).astype(np.float32)
    sizes = [(HIDDEN, channels + 2), (HIDDEN, HIDDEN), (1, HIDDEN)]
    at, bias_at = 0, sum(rows * columns for rows, columns in sizes)
    for layer, (rows, columns) in enumerate(sizes):
        weights = kernels[:, at : at + rows * columns].reshape(-1, rows, columns)
        values = weights @ values + kernels[:, bias_at : bias_at + rows, None]
        at, bias_at = at + rows * columns, bias_at + rows
        if layer < len(sizes) - 1:
            values = np.maximum(values, 0)
    return values.reshape(len(places), height, width)


def upsample(logits: Floats, *, height: int, width: int, scale: float) -> Floats:
    """Enlarge (h, w) logits of stride 8 bilinearly to (height, width) photo pixels.

    ``scale`` is input pixels per photo pixel; the input's padding is left out.
    """
    down = _interpolation(logits.shape[0], height, scale / STRIDES[0])
    across = _interpolation(logits.shape[1], width, scale / STRIDES[0])
    return np.asarray(down @ logits @ across.T, np.float32)


def _interpolation(cells: int, pixels: int, cells_per_pixel: float) -> Floats:
    """Return the (pixels, cells) matrix of linear interpolation between cell centres."""
    at = np.clip((np.arange(pixels) + 0.5) * cells_per_pixel - 0.5, 0, cells - 1)
    low = np.minimum(at.astype(int), cells - 2)
    matrix = np.zeros((pixels, cells), np.float32)
    matrix[np.arange(pixels), low] = 1 - (at - low)
    matrix[np.arange(pixels), low + 1] = at - low
    return matrix


def keep_distinct(candidates: Sequence[Candidate], rules: Rules) -> list[Candidate]:
    """Drop what reports a garment a second time, specks, and passers-by; best first."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda found: -found.score):
        area = int(candidate.mask.sum())
        if area >= max(1.0, rules.smallest_share * candidate.mask.size) and not any(
            _repeats(candidate, other, rules) for other in kept
        ):
            kept.append(candidate)
    largest = max((int(found.mask.sum()) for found in kept), default=0)
    return [found for found in kept if found.mask.sum() >= rules.passer_by * largest]


def _repeats(candidate: Candidate, better: Candidate, rules: Rules) -> bool:
    common = int((candidate.mask & better.mask).sum())
    union = int((candidate.mask | better.mask).sum())
    families = {FAMILY_OF[CATEGORIES[found.category]] for found in (candidate, better)}
    limit = rules.mask_overlap if len(families) == 1 else rules.other_mask_overlap
    return common > limit * union


def to_garment(candidate: Candidate, *, height: int, width: int, scale: float) -> Garment | None:
    """Return the garment in photo pixels; None where its mask is too small for one pixel."""
    mask = upsample(candidate.logits, height=height, width=width, scale=scale) > 0
    if not mask.any():
        return None
    return describe(CATEGORIES[candidate.category], candidate.score, mask)


def describe(category: str, score: float, mask: Mask) -> Garment:
    """Return the contract of a garment whose (height, width) mask has at least one pixel."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return Garment(
        category=category,
        score=min(1.0, round(score, 4)),
        box=(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)),
        mask=encode_mask(mask),
        area=int(mask.sum()),
    )
