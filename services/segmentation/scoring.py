"""Scores predictions against labelled photos: COCO mask AP, mean IoU, found rates, confusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from services.segmentation.data.coco import CocoFile
from services.segmentation.data.labelled import LabelledGarment
from services.segmentation.groups import layers_of
from services.segmentation.precision import EVERY, Group, Precision, mean, precision_by_class
from shared.contracts.garments import Garment
from shared.contracts.vocabulary import CATEGORIES, FAMILIES, FAMILY_OF
from shared.masks import decode_mask


@dataclass(frozen=True)
class GroupFigures:
    """How well a group of garments is seen."""

    precision: Precision
    """The mean over the families that the group has."""
    found: float
    """The share reported with the right family and a mask IoU over 0.5."""


@dataclass
class Scoreboard:
    """Collects photos with their truth and predictions, then counts."""

    truth: CocoFile = field(default_factory=CocoFile)
    found: list[dict[str, Any]] = field(default_factory=list)
    pixels: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """By family, each photo's intersection and union in pixels."""

    def add(
        self, labelled: Sequence[LabelledGarment], garments: Sequence[Garment], *, threshold: float
    ) -> float:
        """Add a photo; return its mean IoU over the families seen or reported.

        AP counts every garment given, IoU and found rates those whose score reaches
        ``threshold``.
        """
        if not (labelled or garments):
            return 1.0
        height, width = garments[0].mask.size if garments else labelled[0].mask.shape
        image_id = self.truth.add_image("", width=width, height=height)
        reported = [garment for garment in garments if garment.score >= threshold]
        pairs = dict(match(labelled, reported))
        for index, layer in enumerate(layers_of(labelled)):
            one, guess = labelled[index], pairs.get(index)
            family = FAMILY_OF[one.category]
            hit = guess is not None and FAMILY_OF[reported[guess].category] == family
            more = {"occlusion": one.occlusion, "layer": layer, "hit": hit}
            self.truth.add_garment(image_id, one.category, one.mask, **more)
        self.found += [_result(image_id, garment) for garment in garments]
        return self._add_pixels(labelled, reported, height=height, width=width)

    def _add_pixels(
        self,
        labelled: Sequence[LabelledGarment],
        garments: Sequence[Garment],
        *,
        height: int,
        width: int,
    ) -> float:
        ious = []
        for family in FAMILIES:
            truth, guess = np.zeros((2, height, width), bool)
            for one in labelled:
                if FAMILY_OF[one.category] == family:
                    truth |= one.mask
            for garment in garments:
                if FAMILY_OF[garment.category] == family:
                    guess |= decode_mask(garment.mask, height=height, width=width)
            common, union = int((truth & guess).sum()), int((truth | guess).sum())
            self.pixels.setdefault(family, []).append((common, union))
            if union:
                ious.append(common / union)
        return float(np.mean(ious)) if ious else 1.0

    def iou_by_family(self) -> dict[str, float]:
        """Return each family's IoU over all pixels of all photos."""
        sums = {family: np.sum(pairs, axis=0) for family, pairs in self.pixels.items()}
        return {family: float(common / union) for family, (common, union) in sums.items() if union}

    def by_category(self) -> dict[str, Precision]:
        """Return AP of each of the 13 categories."""
        classes = {name: (name,) for name in CATEGORIES}
        return precision_by_class(self.truth.body(), self.found, classes)

    def by_family(self, group: Group = EVERY) -> dict[str, Precision]:
        """Return AP of each of the six families: a wrong sleeve is no error here."""
        return precision_by_class(self.truth.body(), self.found, FAMILIES, group)

    def by_group(self, groups: Mapping[str, Group]) -> dict[str, GroupFigures]:
        """Return the figures of each group that has garments."""
        figures = {}
        for name, group in groups.items():
            hits = [row["hit"] for row in self.truth.annotations if group.holds(row)]
            if hits:
                precision = mean(self.by_family(group))
                figures[name] = GroupFigures(precision, float(np.mean(hits)))
        return figures


def _result(image_id: int, garment: Garment) -> dict[str, Any]:
    return {
        "image_id": image_id,
        "category_id": CATEGORIES.index(garment.category) + 1,
        "segmentation": {"size": list(garment.mask.size), "counts": garment.mask.counts},
        "area": garment.area,
        "score": garment.score,
    }


def match(
    labelled: Sequence[LabelledGarment], garments: Sequence[Garment]
) -> list[tuple[int, int]]:
    """Return (labelled, reported) index pairs whose masks' IoU is over 0.5, best score first.

    Each is in one pair at most, whatever its category.
    """
    if not (labelled and garments):
        return []
    truth = [coco_mask.encode(np.asfortranarray(one.mask, np.uint8)) for one in labelled]
    guesses = [{"size": g.mask.size, "counts": g.mask.counts.encode()} for g in garments]
    overlap = np.array(coco_mask.iou(guesses, truth, [0] * len(truth)))
    pairs, free = [], set(range(len(truth)))
    for index in sorted(range(len(garments)), key=lambda one: -garments[one].score):
        best = max(free, key=lambda other: overlap[index, other], default=None)
        if best is not None and overlap[index, best] > 0.5:
            free.discard(best)
            pairs.append((best, index))
    return pairs


def confusion(
    labelled: Sequence[LabelledGarment], garments: Sequence[Garment]
) -> list[tuple[str, str]]:
    """Return (true, reported) category pairs of one photo, matched by mask IoU over 0.5.

    ``-`` stands for a garment that was missed, or reported where there is none.
    """
    pairs = match(labelled, garments)
    seen, used = {true for true, _ in pairs}, {guess for _, guess in pairs}
    missed = [one.category for index, one in enumerate(labelled) if index not in seen]
    made_up = [one.category for index, one in enumerate(garments) if index not in used]
    return [
        *((labelled[true].category, garments[guess].category) for true, guess in pairs),
        *(("-", category) for category in made_up),
        *((category, "-") for category in missed),
    ]
