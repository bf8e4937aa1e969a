"""COCO's mask average precision, over all garments or over a group of them."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from shared.contracts.vocabulary import CATEGORIES

Row = dict[str, Any]
Classes = Mapping[str, Sequence[str]]
"""What is counted as one: a name, and the categories that it stands for."""

_INSIDE: Final = 1.0
_OUTSIDE: Final = 9.0


@dataclass(frozen=True)
class Precision:
    """COCO's mask average precision of one class, 0 to 1; nan where no photo shows it."""

    ap: float
    ap50: float
    instances: int


@dataclass(frozen=True)
class Group:
    """Some of the garments; the others are neither missed nor found wrongly."""

    holds: Callable[[Row], bool]
    """Whether an annotation is one of them."""
    holds_found: Callable[[Row], bool] = lambda row: True
    """Whether a garment that matches none would have been one: else it is no false alarm."""


EVERY: Final = Group(lambda row: True)


def precision_by_class(
    truth: Mapping[str, Any], found: Sequence[Row], classes: Classes, group: Group = EVERY
) -> dict[str, Precision]:
    """Return the precision of each class in the photos that show garments of ``group``.

    ``truth`` is the body of a COCO file, ``found`` are rows of COCO's result format. As in
    COCO's areas, garments outside the group are ignored whether they are found or not.
    """
    number = {
        CATEGORIES.index(category) + 1: index
        for index, members in enumerate(classes.values(), start=1)
        for category in members
    }
    body, found = _of_group(truth, found, number, group)
    body["categories"] = [{"id": index, "name": name} for index, name in enumerate(classes, 1)]
    precision = _evaluate(body, found)
    counts = Counter(row["category_id"] for row in body["annotations"] if row["area"] == _INSIDE)
    return {
        name: Precision(*_mean(precision[:, :, index]), instances=counts[index + 1])
        for index, name in enumerate(classes)
    }


def _of_group(
    truth: Mapping[str, Any], found: Sequence[Row], number: Mapping[int, int], group: Group
) -> tuple[Row, list[Row]]:
    """Return truth and found garments of the photos that show the group, by class number.

    COCOeval ignores what lies outside a range of areas: the group stands as such a range.
    """
    annotations = [
        {
            **row,
            "category_id": number[row["category_id"]],
            "area": _INSIDE if group.holds(row) else _OUTSIDE,
        }
        for row in truth["annotations"]
        if row["category_id"] in number
    ]
    shown = {row["image_id"] for row in annotations if row["area"] == _INSIDE}
    guesses = [
        {**row, "category_id": number[row["category_id"]], "inside": group.holds_found(row)}
        for row in found
        if row["image_id"] in shown and row["category_id"] in number
    ]
    body = {
        "images": [row for row in truth["images"] if row["id"] in shown],
        "annotations": [row for row in annotations if row["image_id"] in shown],
    }
    return body, guesses


def mean(rows: Mapping[str, Precision]) -> Precision:
    """Return the mean over the classes that any photo shows."""
    seen = [one for one in rows.values() if one.instances]
    if not seen:
        return Precision(float("nan"), float("nan"), 0)
    ap, ap50 = np.mean([(one.ap, one.ap50) for one in seen], axis=0)
    return Precision(float(ap), float(ap50), sum(one.instances for one in seen))


def _evaluate(truth: Row, found: list[Row]) -> Any:
    """Return COCO's precision (10 IoUs, 101 recalls, classes); -1 where a class has no truth."""
    classes = len(truth["categories"])
    if not truth["annotations"]:
        return np.full((10, 101, classes), -1.0)
    if not found:
        seen = {row["category_id"] for row in truth["annotations"] if row["area"] == _INSIDE}
        return np.stack(
            [np.full((10, 101), 0.0 if i + 1 in seen else -1.0) for i in range(classes)], axis=2
        )
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {"info": {}, **truth}
        coco.createIndex()
        results = coco.loadRes(found)
        for row in results.dataset["annotations"]:
            row["area"] = _INSIDE if row["inside"] else _OUTSIDE
        evaluation = COCOeval(coco, results, "segm")
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 2]], ["group"]
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation.eval["precision"][:, :, :, 0, -1]


def _mean(precision: Any) -> tuple[float, float]:
    if (precision < 0).all():
        return float("nan"), float("nan")
    return float(precision.mean()), float(precision[0].mean())
