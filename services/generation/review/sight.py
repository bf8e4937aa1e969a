"""Looking at a picture with our own eyes: the models behind a hook, and the finder of faces."""

from __future__ import annotations

from typing import Protocol

from services.generation.review.domain import Sight
from shared.contracts.garments import Garment
from shared.faces import Finder
from shared.imaging import Pixels


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


def look(pixels: Pixels, *, eyes: Eyes, finder: Finder) -> Sight:
    """Return what is seen in a picture, for ``judge``."""
    seen = eyes.examine(pixels, path="picture")
    every = seen.alternatives or seen.garments
    return Sight(seen.garments, every, finder.find(pixels), seen.fashion)
