"""Training samples of the second stage: masks drawn, labelled or spoilt, seen a bit differently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from services.segmentation.second_stage.model import WORN
from services.segmentation.second_stage.rescoring import FAMILY_INDEX
from services.segmentation.second_stage.scenes import Scene, mask_of
from services.segmentation.second_stage.view import (
    Framing,
    Wearers,
    cut_out,
    mirrored_place,
    place_on_person,
)
from shared.contracts.vocabulary import CATEGORIES, FAMILY_OF

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

IS_GARMENT: Final = 0.55
"""A candidate whose mask overlaps a garment's more is that garment."""
REPEATS: Final = {"shorts": 4, "skirt": 2, "dress": 2}
"""Rare families are seen more often."""
PER_SCENE: Final = 5
SURE_ENOUGH: Final = 0.25
"""Candidates of tagged photos count from this detector score."""
SINGLES: Final = 2000
"""Photos of one garment in one pass over the data; two thirds of all there are show tops."""
SINGLE_GARMENTS: Final = "garments"
"""Folder of the photos that show one garment on no person."""
SMALLEST: Final = 60


@dataclass(frozen=True, eq=False)
class Sample:
    """One candidate as the network sees it, and what is known of it; -1 is unknown."""

    square: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    place: Floats
    category: int = -1
    sleeve_known: bool = True
    iou: float = -1.0
    families: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class Choice:
    """A labelled garment (``truth``) or a candidate of a scene, to be made a sample of."""

    scene: Scene
    index: int
    truth: bool


def one_pass(scenes: Sequence[Scene], random: np.random.Generator) -> list[Choice]:
    """Return what is seen in one pass over the data, in random order."""
    choices: list[Choice] = []
    singles: list[Choice] = []
    for scene in scenes:
        if scene.tagged:
            choices += _tagged(scene, random)
        elif scene.truths and scene.path.parent.name == SINGLE_GARMENTS:
            singles.append(_single(scene, random))
        else:
            choices += _labelled(scene, random)
    choices += _balanced(singles, random)
    return [choices[index] for index in random.permutation(len(choices))]


def _balanced(singles: list[Choice], random: np.random.Generator) -> list[Choice]:
    """Return at most ``SINGLES`` of them, each family about as often as any other."""
    if not singles:
        return []
    families = FAMILY_INDEX[[single.scene.truths[0].category for single in singles]]
    weights = 1 / np.bincount(families)[families]
    size = min(SINGLES, len(singles))
    drawn = random.choice(len(singles), size, p=weights / weights.sum())
    return [singles[index] for index in drawn]


def _labelled(scene: Scene, random: np.random.Generator) -> list[Choice]:
    choices = []
    for index, truth in enumerate(scene.truths):
        times = REPEATS.get(FAMILY_OF[CATEGORIES[truth.category]], 1)
        choices += [Choice(scene, index, truth=True)] * times
    # Likely candidates are what the network will be asked about.
    weights = scene.detected.max(axis=1, initial=0) * random.random(len(scene.candidates))
    choices += [Choice(scene, int(i), truth=False) for i in np.argsort(-weights)[:PER_SCENE]]
    return choices


def _tagged(scene: Scene, random: np.random.Generator) -> list[Choice]:
    sure = np.flatnonzero(scene.detected.max(axis=1, initial=0) > SURE_ENOUGH)
    return [Choice(scene, int(i), truth=False) for i in random.permutation(sure)[:2]]


def _single(scene: Scene, random: np.random.Generator) -> Choice:
    if len(scene.candidates) and random.random() < 0.4:
        return Choice(scene, int(scene.detected.max(axis=1).argmax()), truth=False)
    return Choice(scene, 0, truth=True)


class Sampler:
    """Makes samples without end; keeps the decoded photos in memory."""

    def __init__(self, scenes: Sequence[Scene], *, seed: int) -> None:
        self._scenes = scenes
        self._random = np.random.default_rng(seed)
        self._image = cache(Scene.image)
        self._wearers = cache(wearers)

    def batches(self, size: int) -> Iterator[list[Sample]]:
        """Yield batches of ``size``, pass after pass."""
        waiting: list[Choice] = []
        while True:
            while len(waiting) < size:
                waiting += one_pass(self._scenes, self._random)
            yield [self.sample(choice) for choice in waiting[:size]]
            waiting = waiting[size:]

    def sample(self, choice: Choice) -> Sample:
        """Return what the network sees of a choice this time."""
        scene, random = choice.scene, self._random
        known = scene.truths
        if choice.truth:
            truth = scene.truths[choice.index]
            mask, iou = spoil(mask_of(truth.code), random)
        else:
            mask, iou = mask_of(scene.candidates[choice.index]), -1.0
            if known:
                nearest = int(scene.overlaps[choice.index].argmax())
                truth, iou = known[nearest], float(scene.overlaps[choice.index, nearest])
        certain = iou >= IS_GARMENT
        mirrored = bool(random.random() < 0.5)
        framing = Framing(
            margin=random.uniform(0.05, 0.35),
            rotation=random.uniform(-0.15, 0.15),
            shift=(random.uniform(-0.06, 0.06), random.uniform(-0.06, 0.06)),
            mirrored=mirrored,
        )
        square, inside = cut_out(self._image(scene), mask, framing)
        place = place_on_person(mask, self._wearers(scene).of(mask))
        return Sample(
            recolour(square, random),
            inside,
            blur_place(mirrored_place(place) if mirrored else place, random),
            category=truth.category if certain else -1,
            sleeve_known=truth.sleeve_known if certain else True,
            iou=iou,
            families=scene.tagged,
        )


def wearers(scene: Scene) -> Wearers:
    """Return who wears what, as serving sees it: of what the detector is rather sure of."""
    scores = scene.detected.max(axis=1, initial=0)
    codes = [code for code, score in zip(scene.candidates, scores, strict=True) if score >= WORN]
    codes = codes or [truth.code for truth in scene.truths] or list(scene.candidates)
    return Wearers([mask_of(code) for code in codes])


def spoil(mask: Mask, random: np.random.Generator) -> tuple[Mask, float]:
    """Return a labelled mask drawn as a detector might draw it, and its IoU with the label."""
    kind = random.random()
    if kind < 0.25:
        spoilt = ndimage.binary_dilation(mask, iterations=int(random.integers(1, 6)))
    elif kind < 0.5:
        spoilt = ndimage.binary_erosion(mask, iterations=int(random.integers(1, 5)))
    elif kind < 0.6:
        spoilt = np.roll(mask, tuple(random.integers(-8, 9, 2)), (0, 1))
    elif kind < 0.7:
        spoilt = _cut_off(mask, random)
    else:
        return mask, 1.0
    if spoilt.sum() < SMALLEST:
        return mask, 1.0
    return spoilt, float((mask & spoilt).sum() / (mask | spoilt).sum())


def _cut_off(mask: Mask, random: np.random.Generator) -> Mask:
    rows = np.flatnonzero(mask.any(axis=1))
    cut = int(len(rows) * random.uniform(0.05, 0.25))
    spoilt = mask.copy()
    if random.random() < 0.5:
        spoilt[: rows[0] + cut] = False
    else:
        spoilt[rows[-1] - cut :] = False
    return spoilt


def recolour(square: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Vary contrast, brightness, saturation and white balance."""
    values = square.astype(np.float32)
    mean = values.mean()
    values = (values - mean) * random.uniform(0.7, 1.3) + mean * random.uniform(0.75, 1.25)
    grey = values.mean(axis=2, keepdims=True)
    values = grey + (values - grey) * random.uniform(0.5, 1.4)
    return np.clip(values * random.uniform(0.93, 1.07, 3), 0, 255).astype(np.uint8)


def blur_place(place: Floats, random: np.random.Generator) -> Floats:
    """Add noise; now and then say nothing, so that the picture alone must do."""
    if random.random() < 0.1:
        return np.zeros_like(place)
    return (place + random.normal(0, 0.02, place.shape)).astype(np.float32)
