"""The verdict on a drawn picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from shared.contracts.garments import Garment
from shared.contracts.generation import WornGarment
from shared.contracts.vocabulary import FAMILY_OF

FaultKind = Literal["missing", "color", "pattern", "people", "blur", "cropped", "not_fashion"]
Box = tuple[float, float, float, float]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Sight:
    """What our own models see in a picture."""

    garments: tuple[Garment, ...]
    """With colours and pattern, best first: what a person would be told of."""
    alternatives: tuple[Garment, ...]
    """Each mask as whatever it may be, weak ones too; several share a mask."""
    faces: tuple[Box, ...]
    """Boxes in the picture's pixels, surest first."""
    fashion: float
    """The classifier's probability."""


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was asked."""

    kind: FaultKind
    garment: int | None = None
    """Index in what was asked; None: about the whole picture."""
    asked: str = ""
    seen: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the review says of one picture."""

    passed: bool
    score: float
    """0..1, to choose the best of several pictures by."""
    faults: tuple[Fault, ...] = ()

    def stress(self, asked: Sequence[WornGarment]) -> tuple[str, ...]:
        """Return the categories whose words a retry should weigh more."""
        numbers = {fault.garment for fault in self.faults if fault.garment is not None}
        return tuple(dict.fromkeys(asked[number].category for number in sorted(numbers)))

    def facts(self) -> dict[str, Any]:
        """Return the JSON form for a manifest."""
        return asdict(self)


def judge(asked: Sequence[WornGarment], seen: Sight, pixels: Pixels) -> Verdict:
    """Compare what was asked with what is seen in ``pixels`` (height, width, 3) RGB."""
    faults = []
    for number, worn in enumerate(asked):
        family = FAMILY_OF[worn.category]
        if not any(FAMILY_OF[garment.category] == family for garment in seen.garments):
            faults.append(Fault("missing", number, asked=worn.category))
    return Verdict(not faults, 1 - len(faults) / max(1, len(asked)), tuple(faults))
