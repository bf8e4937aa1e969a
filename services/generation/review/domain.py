"""The verdict on a drawn picture: what was asked against what our own models see. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from services.generation.review import picture
from services.generation.review.belief import chances, chances_of_kind
from services.generation.review.matching import Match, Matching, match
from services.generation.review.picture import Box
from shared.contracts.garments import Garment
from shared.contracts.generation import WornGarment

FaultKind = Literal["missing", "color", "pattern", "people", "blur", "cropped", "not_fashion"]
Pixels = NDArray[np.uint8]

LEAST_CHANCE: Final = 0.3
"""A garment that is less likely there as it was asked is a fault."""
SECOND_FACE: Final = 0.66
"""A second face of this part of the first one's height is a second person."""
SECOND_WEARER: Final = 0.55
"""The same of two like garments side by side: backs and turned heads have no face."""
MOST_BLUR: Final = 0.62
"""``picture.blur_of`` beyond which a picture is blurred: street photos reach 0.51."""
LEAST_HEAD_ROOM: Final = 0.0
"""Heights of the face above the brow: less, and the head is cut off."""
LEAST_BODY_ROOM: Final = 7.8
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
class Found:
    """What of an asked garment is to be seen, and whether its colour was reached."""

    chance: float
    """0..1, that it is there as it was asked."""
    category: str | None = None
    """None: nothing that could be it."""
    color: str | None = None
    """The hex of its largest colour."""
    distance: float | None = None
    """CIEDE2000 from the asked colour; None: no colour was asked, or none was seen."""


@dataclass(frozen=True)
class Verdict:
    """What the review says of one picture."""

    passed: bool
    score: float
    """0..1, to choose the best of several pictures by."""
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Fault, ...] = ()
    """What may be wrong, and is too uncertain to refuse a picture for."""
    found: tuple[Found, ...] = ()
    """One for each garment that was asked."""

    def stress(self, asked: Sequence[WornGarment]) -> tuple[str, ...]:
        """Return the categories whose words a retry should weigh more."""
        numbers = {fault.garment for fault in self.faults if fault.garment is not None}
        return tuple(dict.fromkeys(asked[number].category for number in sorted(numbers)))

    def facts(self) -> dict[str, Any]:
        """Return the JSON form for a manifest."""
        return asdict(self)


def judge(asked: Sequence[WornGarment], seen: Sight, pixels: Pixels) -> Verdict:
    """Compare what was asked with what is seen in ``pixels`` (height, width, 3) RGB.

    How the thresholds were chosen: docs/generation.md.
    """
    matching = match(asked, seen.alternatives, faces=seen.faces)
    likely = chances(asked, matching)
    faults = [*_garment_faults(asked, matching, likely), *_picture_faults(seen, pixels)]
    remarks = list(_pattern_remarks(asked, matching))
    score = (sum(likely) / len(likely) if likely else 1.0) * 0.5 ** len(faults)
    found = tuple(map(_found, asked, matching.found, likely))
    score = round(score * 0.9 ** len(remarks), 4)
    return Verdict(not faults, score, tuple(faults), tuple(remarks), found)


def _garment_faults(
    asked: Sequence[WornGarment], matching: Matching, likely: Sequence[float]
) -> Iterator[Fault]:
    kinds = chances_of_kind(asked, matching)
    for number, (worn, found) in enumerate(zip(asked, matching.found, strict=True)):
        if likely[number] >= LEAST_CHANCE:
            continue
        if found is None or kinds[number] < LEAST_CHANCE:
            yield Fault("missing", number, asked=worn.category)
        else:
            yield Fault("color", number, asked=_color(worn), seen=_colors(found))


def _picture_faults(seen: Sight, pixels: Pixels) -> Iterator[Fault]:
    height = pixels.shape[0]
    wearer = picture.second_wearer(seen.alternatives)
    if picture.second_face(seen.faces) >= SECOND_FACE or wearer >= SECOND_WEARER:
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


def _pattern_remarks(asked: Sequence[WornGarment], matching: Matching) -> Iterator[Fault]:
    for number, (worn, found) in enumerate(zip(asked, matching.found, strict=True)):
        pattern = found.seen.pattern if found else None
        if worn.pattern and pattern and pattern != worn.pattern:
            yield Fault("pattern", number, asked=worn.pattern, seen=pattern)


def _found(worn: WornGarment, found: Match | None, chance: float) -> Found:
    if found is None:
        return Found(0.0)
    colors = found.seen.colors
    told = bool(colors) and (worn.color is not None or worn.hex is not None)
    return Found(
        chance=round(chance, 4),
        category=found.seen.category,
        color=colors[0].hex if colors else None,
        distance=round(found.distance, 2) if told else None,
    )


def _color(worn: WornGarment) -> str:
    return " ".join(filter(None, (worn.color, worn.hex)))


def _colors(found: Match) -> str:
    colors = ", ".join(f"{color.basic} {color.hex}" for color in found.seen.colors[:2])
    return f"{colors}; CIEDE2000 {found.distance:.0f}"
