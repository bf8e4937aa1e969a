"""Copy-paste (Ghiasi et al. 2021) for training: people beside people, garments beside garments.

What is pasted hides what lies below it, and is hidden where it is pasted behind someone. Pure:
the transform of MMDetection that uses it is in ``augmentation.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.segmentation.data.cut_outs import CutOut, Piece, cut

Mask = NDArray[np.bool_]
Kind = TypeVar("Kind", bound=np.generic)

VISIBLE: Final = 0.35
"""A pasted garment of which less shows is not labelled."""
HIDES_AT_MOST: Final = 0.6
"""No garment may lose more to what is pasted over it."""
SMALLEST: Final = 60
"""Garments of fewer pixels are not labelled."""
TRIES: Final = 4
"""So many places are tried; then nothing is pasted."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A training picture while things are pasted into it."""

    pixels: NDArray[np.uint8]
    """(height, width, 3) RGB."""
    masks: tuple[Mask, ...]
    categories: tuple[int, ...]
    people: Mask | None = None
    """Where its own people are, where that is known."""


@dataclass(frozen=True, eq=False)
class Lot:
    """What can be pasted, and how often each of it is (shares that add up to 1)."""

    cut_outs: Sequence[CutOut]
    shares: NDArray[np.float64]

    def draw(self, random: np.random.Generator) -> CutOut:
        """Return one of them."""
        return self.cut_outs[random.choice(len(self.cut_outs), p=self.shares)]


def add_person(scene: Scene, lot: Lot, random: np.random.Generator) -> Scene:
    """Paste someone beside the scene's people: behind them or, as often, in front.

    Their size and the ground they stand on are like those of the scene's people; a scene where
    those are not known stays as it is.
    """
    if scene.people is None or not scene.people.any():
        return scene
    rows = np.flatnonzero(scene.people.any(axis=1))
    tall, feet = int(rows[-1] - rows[0] + 1), int(rows[-1])
    for _ in range(TRIES):
        behind = bool(random.random() < 0.5)
        size = random.uniform(0.6, 1.0) if behind else random.uniform(0.85, 1.15)
        nearer = random.uniform(-0.15, 0.0) if behind else random.uniform(-0.02, 0.1)
        piece = cut(lot.draw(random), height=round(tall * size), mirrored=_by_chance(random))
        height, width = piece.cover.shape
        left = _somewhere(width, scene.pixels.shape[1], out=0.4, random=random)
        place = feet + round(tall * nearer) - height, left
        if pasted := paste(scene, piece, place, behind=scene.people if behind else None):
            return pasted
    return scene


def add_garment(scene: Scene, lot: Lot, random: np.random.Generator) -> Scene:
    """Paste a garment that nobody wears somewhere in the picture."""
    sides = scene.pixels.shape[:2]
    for _ in range(TRIES):
        height = round(min(sides) * random.uniform(0.35, 0.9))
        piece = cut(lot.draw(random), height=height, mirrored=_by_chance(random))
        top, left = (
            _somewhere(length, side, out=0.15, random=random)
            for length, side in zip(piece.cover.shape, sides, strict=True)
        )
        if pasted := paste(scene, piece, (top, left)):
            return pasted
    return scene


def _somewhere(length: int, side: int, *, out: float, random: np.random.Generator) -> int:
    """Return where along a side to begin so that about ``out`` of the length hangs over."""
    ends = -out * length, side - (1 - out) * length
    return round(random.uniform(min(ends), max(ends)))


def _by_chance(random: np.random.Generator) -> bool:
    return bool(random.random() < 0.5)


def paste(
    scene: Scene, piece: Piece, place: tuple[int, int], *, behind: Mask | None = None
) -> Scene | None:
    """Return the scene with ``piece``'s upper left corner at ``place`` (row, column).

    ``behind``: what hides it. None where it would show too little of itself, or hide too much
    of a garment. What lies beside the picture is cut off.
    """
    cover = _laid(piece.cover, place, scene)
    if behind is not None:
        cover = cover * ~behind
    hides = cover > 0.5
    masks = [_laid(mask, place, scene) & hides for mask in piece.masks]
    new = [
        (category, mask)
        for category, mask, whole in zip(piece.categories, masks, piece.masks, strict=True)
        if mask.sum() >= max(SMALLEST, VISIBLE * whole.sum())
    ]
    left = [mask & ~hides for mask in scene.masks]
    hidden = any(
        after.sum() < (1 - HIDES_AT_MOST) * before.sum()
        for before, after in zip(scene.masks, left, strict=True)
    )
    if hidden or not new:
        return None
    old = zip(scene.categories, left, strict=True)
    labelled = [*((category, mask) for category, mask in old if mask.sum() >= SMALLEST), *new]
    below = scene.pixels.astype(np.float32)
    pixels = below + cover[..., None] * (_laid(piece.pixels, place, scene) - below)
    return Scene(
        pixels.round().astype(np.uint8),
        tuple(mask for _, mask in labelled),
        tuple(category for category, _ in labelled),
        None if scene.people is None else scene.people | hides,
    )


def _laid(values: NDArray[Kind], place: tuple[int, int], scene: Scene) -> NDArray[Kind]:
    """Return ``values`` on an empty picture of the scene's size."""
    sides = scene.pixels.shape[:2]
    laid = np.zeros((*sides, *values.shape[2:]), values.dtype)
    target, source = [], []
    for start, length, side in zip(place, values.shape, sides, strict=False):
        first = max(0, start)
        last = max(first, min(side, start + length))
        target.append(slice(first, last))
        source.append(slice(first - start, last - start))
    laid[tuple(target)] = values[tuple(source)]
    return laid
