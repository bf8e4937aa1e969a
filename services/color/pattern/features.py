"""From labelled photos to the features that the head is trained on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from services.color.pattern.cutout import Cutout, Mask, Photo, cut_out
from services.color.pattern.model import open_session
from services.color.pattern.samples import Sample
from services.color.pattern.views import DRAWN, changed, drawn
from shared.contracts.vocabulary import PATTERNS

Floats = npt.NDArray[np.float32]
_COMMON: Final = ("solid", "printed")
"""Patterns with photos enough: views are changed only of the others."""
_DRAWN_SHARE: Final = 0.1
"""Part of the plain garments that a pattern is drawn on."""


@dataclass(frozen=True, eq=False)
class Features:
    """``values`` (n, FEATURES), and of each row its label, group of the split, and weight."""

    values: Floats
    labels: npt.NDArray[np.int64]
    units: npt.NDArray[np.str_]
    doubtful: npt.NDArray[np.bool_]
    genuine: npt.NDArray[np.bool_]
    """The photo as it is; the others are changed views and drawn patterns."""
    street: npt.NDArray[np.bool_]


def measure(
    photos: Iterable[tuple[Sample, Photo, Mask]], trunk: bytes, *, views: int, seed: int = 0
) -> Features:
    """Return the features of the photos and of ``views`` changed views of each.

    Only of patterns that photos show rarely, that is; with views, patterns are drawn on some
    plain garments too. ``trunk``: the network's trunk as ONNX.
    """
    session = open_session(trunk, threads=1)
    rows: list[tuple[Floats, int, str, bool, bool, bool]] = []
    for number, (sample, photo, mask) in enumerate(photos):
        dice = np.random.default_rng((seed, number))
        for label, genuine, view in _views(sample, photo, mask, views=views, dice=dice):
            unit = f"{sample.group}/{sample.unit}"
            street = sample.group == "street"
            rows.append((_run(session, view), label, unit, sample.doubtful, genuine, street))
    values, labels, units, doubtful, genuine_, street_ = zip(*rows, strict=True)
    return Features(
        np.stack(values),
        np.array(labels),
        np.array(units),
        np.array(doubtful),
        np.array(genuine_),
        np.array(street_),
    )


def _views(
    sample: Sample, photo: Photo, mask: Mask, *, views: int, dice: np.random.Generator
) -> Iterator[tuple[int, bool, Cutout]]:
    plain = sample.pattern == "solid"
    seen = [(sample.label, True, photo, mask)]
    for _ in range(0 if sample.pattern in _COMMON else views):
        seen.append((sample.label, False, *changed(photo, mask, dice)))
    if views and plain and not sample.doubtful and dice.random() < _DRAWN_SHARE:
        # Half of all drawn patterns are dots: photos have the fewest of them.
        pattern = str(dice.choice(DRAWN, p=(0.5, 0.25, 0.25)))
        cloth, area = changed(photo, mask, dice)
        if area.any():
            printed = drawn(cloth, area, pattern, dice)
            seen.append((PATTERNS.index(pattern), False, printed, area))
    for label, genuine, pixels, area in seen:
        view = cut_out(pixels, area)
        if view is not None:
            yield label, genuine, view


def _run(session: Any, view: Cutout) -> Floats:
    given = {"pixels": view.pixels[None], "cover": view.cover[None]}
    features: Floats = session.run(None, given)[0][0]
    return features


def save(features: Features, path: Path) -> None:
    """Write the features, so that another head needs no photo."""
    np.savez_compressed(path, **vars(features))


def load(path: Path) -> Features:
    """Read what ``save`` wrote."""
    with np.load(path) as stored:
        return Features(**{name: stored[name] for name in stored.files})
