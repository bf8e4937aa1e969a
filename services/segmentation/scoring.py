"""Scores predictions against labelled photos: COCO mask AP and mean IoU."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from services.segmentation.data.coco import CocoFile
from services.segmentation.data.labelled import LabelledGarment
from shared.contracts.garments import Garment
from shared.contracts.vocabulary import CATEGORIES, FAMILIES, FAMILY_OF
from shared.masks import decode_mask


@dataclass(frozen=True)
class Precision:
    """COCO's mask average precision of one class, 0 to 1; nan where no photo shows it."""

    ap: float
    ap50: float
    instances: int


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

        AP counts every garment given, IoU those whose score reaches ``threshold``.
        """
        height, width = garments[0].mask.size if garments else labelled[0].mask.shape
        image_id = self.truth.add_image("", width=width, height=height)
        for one in labelled:
            self.truth.add_garment(image_id, one.category, one.mask)
        self.found += [
            {
                "image_id": image_id,
                "category_id": CATEGORIES.index(garment.category) + 1,
                "segmentation": {"size": list(garment.mask.size), "counts": garment.mask.counts},
                "score": garment.score,
            }
            for garment in garments
        ]
        reported = [garment for garment in garments if garment.score >= threshold]
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
        return self._precision({name: (name,) for name in CATEGORIES})

    def by_family(self) -> dict[str, Precision]:
        """Return AP of each of the six families: a wrong sleeve is no error here."""
        return self._precision(dict(FAMILIES))

    def _precision(self, classes: dict[str, tuple[str, ...]]) -> dict[str, Precision]:
        number = {
            CATEGORIES.index(category) + 1: index
            for index, members in enumerate(classes.values(), start=1)
            for category in members
        }
        categories = [{"id": i, "name": name} for i, name in enumerate(classes, start=1)]

        def renamed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [{**row, "category_id": number[row["category_id"]]} for row in rows]

        annotations = renamed(self.truth.annotations)
        body = {**self.truth.body(), "annotations": annotations, "categories": categories}
        precision = _evaluate(body, renamed(self.found))
        counts = [sum(a["category_id"] == c["id"] for a in annotations) for c in categories]
        return {
            name: Precision(*_mean(precision[:, :, i]), instances=counts[i])
            for i, name in enumerate(classes)
        }


def _evaluate(truth: dict[str, Any], found: list[dict[str, Any]]) -> Any:
    """Return COCO's precision (10 IoUs, 101 recalls, classes); -1 where a class has no truth."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {"info": {}, **truth}
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(found), "segm")
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation.eval["precision"][:, :, :, 0, -1]


def _mean(precision: Any) -> tuple[float, float]:
    if (precision < 0).all():
        return float("nan"), float("nan")
    return float(precision.mean()), float(precision[0].mean())


def confusion(
    labelled: Sequence[LabelledGarment], garments: Sequence[Garment]
) -> list[tuple[str, str]]:
    """Return (true, reported) category pairs of one photo, matched by mask IoU over 0.5.

    ``-`` stands for a garment that was missed, or reported where there is none.
    """
    truth = [coco_mask.encode(np.asfortranarray(one.mask, np.uint8)) for one in labelled]
    guesses = [{"size": g.mask.size, "counts": g.mask.counts.encode()} for g in garments]
    overlap = np.array(coco_mask.iou(guesses, truth, [0] * len(truth)))
    overlap = overlap.reshape(len(guesses), len(truth))
    pairs, free = [], set(range(len(truth)))
    for index, garment in enumerate(garments):
        best = max(free, key=lambda other: overlap[index, other], default=None)
        if best is None or overlap[index, best] <= 0.5:
            pairs.append(("-", garment.category))
            continue
        free.discard(best)
        pairs.append((labelled[best].category, garment.category))
    return pairs + [(labelled[other].category, "-") for other in free]
