"""Looking at a picture with our own eyes: the models behind a hook, and the finder of faces."""

from __future__ import annotations

from typing import Final, Protocol

from services.generation.review.domain import Sight
from shared.contracts.garments import Garment
from shared.faces import Face
from shared.imaging import Pixels

SURE_FACE: Final = 0.5
"""The finder's certainty from which a face is a person's.

It is made to miss none, and takes necklaces and plants for faces at 0.2 to 0.4; no wearer's face
of 134 street photos was below 0.77.
"""


class Examined(Protocol):
    """What the eyes say of one picture."""

    @property
    def garments(self) -> tuple[Garment, ...]:
        """With colours and pattern, best first."""

    @property
    def alternatives(self) -> tuple[Garment, ...]:
        """Each mask as whatever it may be, weak ones too; several share a mask."""

    @property
    def fashion(self) -> float:
        """The classifier's probability."""


class Eyes(Protocol):
    """Classifier, segmenter and namer of colours (``services.registry.open_eyes``)."""

    def examine(self, pixels: Pixels, *, path: str) -> Examined:
        """Look at (height, width, 3) RGB; ``path`` is only named in errors."""


class Finder(Protocol):
    """Finds faces, and says how sure it is (``shared.faces.FaceFinder``)."""

    def faces(self, pixels: Pixels) -> tuple[Face, ...]:
        """Return the faces in (height, width, 3) RGB, surest first."""


def look(pixels: Pixels, *, eyes: Eyes, finder: Finder) -> Sight:
    """Return what is seen in a picture, for ``judge``."""
    seen = eyes.examine(pixels, path="picture")
    every = seen.alternatives or seen.garments
    faces = tuple(face.box for face in finder.faces(pixels) if face.score >= SURE_FACE)
    return Sight(seen.garments, every, faces, seen.fashion)
