"""From the network's raw answer to garments, with or without the second stage."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PIL import Image

from services.segmentation import domain
from services.segmentation.cleaning import clean
from services.segmentation.second_stage.model import SecondStage, judge_both_ways, look_closer
from services.segmentation.second_stage.rescoring import Weighting, rescore
from services.segmentation.second_stage.view import shrink
from shared.contracts.garments import Garment
from shared.contracts.vocabulary import CATEGORIES, FAMILIES

DOUBTFUL: Final = 0.15
"""From this score on a mask may be a garment, when one is asked for."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A mask that the detector drew, as (h, w) logits, and its score for each category (13,)."""

    logits: domain.Floats
    scores: domain.Floats

    @property
    def mask(self) -> domain.Mask:
        """Where the logits are positive."""
        return self.logits > 0


def find_garments(
    answer: domain.RawAnswer,
    photo: domain.Pixels,
    *,
    scale: float,
    rules: domain.Rules,
    second_stage: SecondStage | None = None,
) -> tuple[Garment, ...]:
    """Return the garments of one answer, best first.

    ``photo``: (height, width, 3) RGB; ``scale``: input pixels per photo pixel.
    """
    found = propose(answer, photo, scale=scale, rules=rules, second_stage=second_stage)
    height, width = photo.shape[:2]
    # Enlarged one by one: all masks of a 40-megapixel photo at once would need gigabytes.
    garments = (
        domain.to_garment(candidate, height=height, width=width, scale=scale)
        for candidate in domain.keep_distinct(found, rules)
    )
    return tuple(garment for garment in garments if garment is not None)


def examine(
    answer: domain.RawAnswer,
    photo: domain.Pixels,
    *,
    scale: float,
    rules: domain.Rules,
    second_stage: SecondStage | None = None,
) -> tuple[tuple[Garment, ...], tuple[Garment, ...]]:
    """Return ``find_garments`` of one answer, and each of its masks as whatever it may be.

    The second are garments from the score ``DOUBTFUL`` on, best first; several share a mask
    where it is not plain which family it is of, and none was dropped for another.
    """
    doubtful = replace(rules, threshold=min(DOUBTFUL, rules.threshold))
    found = propose(answer, photo, scale=scale, rules=doubtful, second_stage=second_stage)
    sure = [candidate for candidate in found if candidate.score >= rules.threshold]
    height, width = photo.shape[:2]
    described: dict[int, Garment | None] = {}

    def garment(candidate: domain.Candidate) -> Garment | None:
        """Enlarge each mask once: describe one by another's, if they share it."""
        key = id(candidate.logits)
        if key not in described:
            described[key] = domain.to_garment(candidate, height=height, width=width, scale=scale)
        one = described[key]
        named = {"category": CATEGORIES[candidate.category], "score": round(candidate.score, 4)}
        return one and one.model_copy(update=named)

    distinct = (garment(candidate) for candidate in domain.keep_distinct(sure, rules))
    every = (garment(one) for one in sorted(found, key=lambda one: -one.score))
    return tuple(filter(None, distinct)), tuple(filter(None, every))


def propose(
    answer: domain.RawAnswer,
    photo: domain.Pixels,
    *,
    scale: float,
    rules: domain.Rules,
    second_stage: SecondStage | None,
    families: Collection[int] = range(len(FAMILIES)),
) -> list[domain.Candidate]:
    """Return what may be a garment and reaches the threshold, as each category it may be.

    ``families``: the indices of those that are possible here, for the second stage.
    """
    drawn = draw(answer, rules)
    if second_stage is None:
        found = _by_the_detector(drawn)
    else:
        shown = as_shown(drawn[: rules.candidates], photo, scale=scale)
        found = _by_both(*shown, second_stage, sorted(families)) if shown[1] else []
    return [candidate for candidate in found if candidate.score >= rules.threshold]


def draw(answer: domain.RawAnswer, rules: domain.Rules) -> list[Drawn]:
    """Return the different masks of an answer, best first; places that draw the same are one."""
    _, rows, columns = answer.prototypes.shape
    grid = domain.place_grid(rows * domain.STRIDES[0], columns * domain.STRIDES[0])
    places = list(dict.fromkeys(place for place, _ in domain.select_places(answer, grid, rules)))
    if not places:
        return []
    kept: list[Drawn] = []
    logits = domain.mask_logits(answer.prototypes, answer.kernels[places], grid[places])
    for place, one in zip(places, logits, strict=True):
        drawn = Drawn(clean(one), answer.scores[place])
        if drawn.mask.sum() < max(1.0, rules.smallest_share * one.size):
            continue
        same = next((i for i, k in enumerate(kept) if _iou(k, drawn) > rules.same_mask), None)
        if same is None:
            kept.append(drawn)
        else:
            kept[same] = Drawn(kept[same].logits, np.maximum(kept[same].scores, drawn.scores))
    return kept


def _iou(one: Drawn, other: Drawn) -> float:
    return float((one.mask & other.mask).sum() / (one.mask | other.mask).sum())


def _by_the_detector(drawn: list[Drawn]) -> list[domain.Candidate]:
    return [
        domain.Candidate(int(category), float(one.scores[category]), one.logits)
        for one in drawn
        for category in np.flatnonzero(one.scores)
    ]


def _by_both(
    image: Image.Image,
    shown: list[tuple[Drawn, domain.Mask]],
    second_stage: SecondStage,
    families: list[int],
) -> list[domain.Candidate]:
    detected = np.stack([one.scores for one, _ in shown])
    views = look_closer(image, [mask for _, mask in shown], detected.max(axis=1))
    categories, scores = rescore(
        *judge_both_ways(second_stage, *views), detected, families, Weighting()
    )
    return [
        domain.Candidate(int(category), float(score), one.logits)
        for (one, _), likely, row in zip(shown, categories, scores, strict=True)
        for category, score in zip(likely, row, strict=True)
    ]


def as_shown(
    drawn: list[Drawn], photo: domain.Pixels, *, scale: float
) -> tuple[Image.Image, list[tuple[Drawn, domain.Mask]]]:
    """Return the photo as small as the second stage sees it, and each candidate's mask there.

    A mask of a few cells beside the photo's border can be empty there: it is left out.
    """
    image = shrink(Image.fromarray(photo))
    smaller = scale * photo.shape[1] / image.width
    masks = (
        domain.upsample(one.logits, height=image.height, width=image.width, scale=smaller) > 0
        for one in drawn
    )
    return image, [(one, mask) for one, mask in zip(drawn, masks, strict=True) if mask.any()]
