"""The verdict on a drawn picture: what was asked against what our own models see. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from services.generation.review import picture
from services.generation.review.matching import Match, match
from services.generation.review.picture import Box
from shared.contracts.garments import Garment
from shared.contracts.generation import WornGarment

FaultKind = Literal["missing", "color", "pattern", "people", "blur", "cropped", "not_fashion"]
Pixels = NDArray[np.uint8]

LEAST_SCORE: Final = 0.25
"""A mask of a lower score is no garment of the asked family."""
SURE_SCORE: Final = 0.5
"""From this score on a mask is the asked garment, whatever its colour."""
FARTHEST_COLOR: Final = 24.0
"""CIEDE2000 from the asked colour beyond which it is another."""
FARTHEST_DOUBTFUL: Final = 20.0
"""The same for a mask that is not surely the asked garment."""
SECOND_FACE: Final = 0.66
"""A second face of this part of the first one's height is a second person."""
MOST_BLUR: Final = 0.62
LEAST_HEAD_ROOM: Final = 0.0
LEAST_BODY_ROOM: Final = 8.0
"""Heights of the face from the brow to the soles: less, and the feet are cut off."""
LEAST_FASHION: Final = 0.5


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
    remarks: tuple[Fault, ...] = ()
    """What may be wrong, and is too uncertain to refuse a picture for."""

    def stress(self, asked: Sequence[WornGarment]) -> tuple[str, ...]:
        """Return the categories whose words a retry should weigh more."""
        numbers = {fault.garment for fault in self.faults if fault.garment is not None}
        return tuple(dict.fromkeys(asked[number].category for number in sorted(numbers)))

    def facts(self) -> dict[str, Any]:
        """Return the JSON form for a manifest."""
        return asdict(self)


def judge(asked: Sequence[WornGarment], seen: Sight, pixels: Pixels) -> Verdict:
    """Compare what was asked with what is seen in ``pixels`` (height, width, 3) RGB.

    The thresholds were chosen on photos of the split ``val`` (docs/generation.md).
    """
    matches = match(asked, seen.alternatives)
    faults = [*_garment_faults(asked, matches), *_picture_faults(seen, pixels)]
    remarks = list(_pattern_remarks(asked, matches))
    score = _score(asked, matches) * 0.5 ** len(faults) * 0.9 ** len(remarks)
    return Verdict(not faults, round(score, 4), tuple(faults), tuple(remarks))


def _garment_faults(asked: Sequence[WornGarment], matches: Sequence[Match]) -> Iterator[Fault]:
    for number, (worn, found) in enumerate(zip(asked, matches, strict=True)):
        far = found.distance > FARTHEST_DOUBTFUL
        if found.seen is None or found.score < LEAST_SCORE or (far and found.score < SURE_SCORE):
            yield Fault("missing", number, asked=worn.category)
        elif found.distance > FARTHEST_COLOR:
            colors = ", ".join(f"{color.basic} {color.hex}" for color in found.seen.colors[:2])
            yield Fault("color", number, asked=_color(worn), seen=colors)


def _picture_faults(seen: Sight, pixels: Pixels) -> Iterator[Fault]:
    height = pixels.shape[0]
    if picture.second_face(seen.faces) >= SECOND_FACE:
        yield Fault("people", asked="1", seen=str(len(seen.faces)))
    if (blur := picture.blur_of(pixels)) > MOST_BLUR:
        yield Fault("blur", asked=f"at most {MOST_BLUR}", seen=f"{blur:.2f}")
    if picture.head_room(seen.faces, seen.garments, height) < LEAST_HEAD_ROOM:
        yield Fault("cropped", asked="head", seen="cut off")
    room = picture.body_room(seen.faces, height)
    if room is not None and room < LEAST_BODY_ROOM:
        yield Fault("cropped", asked="feet", seen="cut off")
    if seen.fashion < LEAST_FASHION:
        yield Fault("not_fashion", asked="fashion", seen=f"{seen.fashion:.2f}")


def _pattern_remarks(asked: Sequence[WornGarment], matches: Sequence[Match]) -> Iterator[Fault]:
    for number, (worn, found) in enumerate(zip(asked, matches, strict=True)):
        pattern = found.seen.pattern if found.seen else None
        if worn.pattern and pattern and pattern != worn.pattern:
            yield Fault("pattern", number, asked=worn.pattern, seen=pattern)


def _score(asked: Sequence[WornGarment], matches: Sequence[Match]) -> float:
    """Return the mean over what was asked of how surely it is there, in how near a colour."""
    parts = [
        found.score * float(np.clip(1.2 - found.distance / 50, 0.2, 1)) if found.seen else 0.0
        for found in matches
    ]
    return float(np.mean(parts)) if parts else 1.0


def _color(worn: WornGarment) -> str:
    return " ".join(filter(None, (worn.color, worn.hex)))
