"""The second stage in ONNX Runtime: candidates in, probabilities and expected IoU out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.segmentation.second_stage.view import (
    Wearers,
    cut_out,
    mirrored_place,
    place_on_person,
)

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
WORN: Final = 0.25
"""Candidates of a higher detector score make up what the person wears."""


class SecondStage(Protocol):
    """Looks at candidates close up."""

    def judge(
        self, squares: NDArray[np.uint8], masks: NDArray[np.uint8], places: Floats
    ) -> tuple[Floats, Floats]:
        """Return (n, 13) probabilities and (n,) expected IoUs of what ``view`` shows."""


class OnnxSecondStage:
    """The graph that ``net.export_onnx`` wrote, on the CPU."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def judge(
        self, squares: NDArray[np.uint8], masks: NDArray[np.uint8], places: Floats
    ) -> tuple[Floats, Floats]:
        inputs = {"squares": squares, "masks": masks, "places": places}
        probabilities, ious = self._session.run(None, inputs)
        return probabilities, ious


def judge_both_ways(
    second_stage: SecondStage,
    squares: NDArray[np.uint8],
    masks: NDArray[np.uint8],
    places: Floats,
) -> tuple[Floats, Floats]:
    """Return the mean of what is said of the candidates and of them seen in a mirror."""
    mirrored = np.stack([mirrored_place(place) for place in places])
    probabilities, ious = second_stage.judge(
        np.concatenate([squares, squares[:, :, ::-1]]),
        np.concatenate([masks, masks[:, :, ::-1]]),
        np.concatenate([places, mirrored]),
    )
    half = len(squares)
    return (
        (probabilities[:half] + probabilities[half:]) / 2,
        (ious[:half] + ious[half:]) / 2,
    )


def look_closer(
    image: Image.Image, masks: Sequence[Mask], detected: Floats
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], Floats]:
    """Return squares, masks and places of an image's candidates, as the second stage reads them.

    ``masks``: (height, width) of the image; ``detected``: (n,) the detector's greatest scores.
    """
    sure = [mask for mask, score in zip(masks, detected, strict=True) if score >= WORN]
    wearers = Wearers(sure)
    views = [cut_out(image, mask) for mask in masks]
    places = [place_on_person(mask, wearers.of(mask)) for mask in masks]
    return (
        np.stack([square for square, _ in views]),
        np.stack([inside for _, inside in views]),
        np.stack(places),
    )
