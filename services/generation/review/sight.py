"""Looking at a picture with our own eyes: the models behind a hook, and the finder of faces."""

from __future__ import annotations

from typing import Protocol

from services.generation.review.domain import Sight
from shared.contracts.garments import Garment
from shared.faces import Finder
from shared.imaging import Pixels


class Seen(Protocol):
    """What the eyes say of one picture."""

    @property
    def garments(self) -> tuple[Garment, ...]:
        """With colours and pattern, best first."""

    @property
    def fashion(self) -> float | None:
        """The classifier's probability."""


class Eyes(Protocol):
    """Classifier, segmenter and namer of colours, as `mapsi analyze` opens them.

    Open the segmenter at ``domain.LEAST_SCORE``: the review weighs weak garments, too.
    """

    def see(self, pixels: Pixels, *, path: str) -> Seen:
        """Look at (height, width, 3) RGB; ``path`` is only named in errors."""


def look(pixels: Pixels, *, eyes: Eyes, finder: Finder) -> Sight:
    """Return what is seen in a picture, for ``judge``."""
    seen = eyes.see(pixels, path="picture")
    return Sight(seen.garments, finder.find(pixels), seen.fashion or 0.0)
