"""A job's files in the store: ``generations/<ab>/<job id>/``.

``cancelled`` is the gateway's marker. ``a<attempt>-<variant>.png`` are pictures as a backend drew
them, and ``a<attempt>.json`` says that they are whole: it is written after them. ``picture.png``
and ``1.png`` to ``4.png`` are what people get, the best one first; beside them lie ``1.json``, what
our models see in it, and ``1.raw.png``, as it was drawn. ``manifest.json`` is the job's end,
written last and once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.contracts.generation import LookDrawn, LookProgressed, SeenPicture
from shared.imaging import Pixels, decode
from shared.storage import ObjectStore
from shared.storage.keys import generation_key

PICTURE: Final = "picture.png"
PREVIEW: Final = "preview.webp"
_MANIFEST: Final = "manifest.json"
_CANCELLED: Final = "cancelled"
_JSON: Final = "application/json"


def picture_name(variant: int) -> str:
    """Name a finished variant, from 1: the best one first."""
    return f"{variant}.png"


def raw_name(variant: int) -> str:
    """Name the variant as it was drawn: edits begin with it, so that nothing is finished twice."""
    return f"{variant}.raw.png"


def sight_name(variant: int) -> str:
    """Name what our models see in the variant, in pixels as it was drawn."""
    return f"{variant}.json"


@dataclass(frozen=True)
class JobFiles:
    """The files of one job. Every method may raise RetryableError: the store is away."""

    job_id: str
    storage: ObjectStore

    def key(self, name: str) -> str:
        """Name one of the job's files."""
        return generation_key(self.job_id, name)

    def put(self, name: str, data: bytes, content_type: str) -> None:
        """Write one of the job's files."""
        self.storage.put(self.key(name), data, content_type=content_type)

    def is_called_off(self) -> bool:
        """Tell whether the gateway's marker is there."""
        return self.storage.exists(self.key(_CANCELLED))

    def end(self) -> LookProgressed | None:
        """Return the job's end; None while it has none."""
        if not self.storage.exists(self.key(_MANIFEST)):
            return None
        return LookProgressed.model_validate_json(self.storage.get(self.key(_MANIFEST)))

    def put_end(self, end: LookProgressed) -> None:
        """Write the job's end."""
        self.put(_MANIFEST, end.model_dump_json().encode(), _JSON)

    def drawn(self, attempt: int) -> LookDrawn | None:
        """Return what was drawn in ``attempt``; None while that is not whole."""
        key = self.key(f"a{attempt}.json")
        if not self.storage.exists(key):
            return None
        return LookDrawn.model_validate_json(self.storage.get(key))

    def put_drawn(self, drawn: LookDrawn) -> None:
        """Say that an attempt's pictures are whole."""
        self.put(f"a{drawn.attempt}.json", drawn.model_dump_json().encode(), _JSON)

    def pixels(self, key: str) -> Pixels:
        """Return a drawn picture, (H, W, 3) uint8 RGB; PermanentError where it is gone."""
        return decode(self.storage.get(key), name=key).pixels

    def put_sight(self, key: str, seen: SeenPicture) -> None:
        """Keep what is seen in a drawn picture."""
        name = key.rpartition("/")[2].removesuffix(".png")
        self.put(f"{name}.json", seen.model_dump_json().encode(), _JSON)

    def sight(self, key: str) -> bytes:
        """Return what ``put_sight`` kept of a drawn picture, as JSON."""
        return self.storage.get(f"{key.removesuffix('.png')}.json")

    def clear(self) -> None:
        """Remove what nobody needs after the job's end: attempts and the preview."""
        folder = self.key(PREVIEW).removesuffix(PREVIEW)
        for key in list(self.storage.list(f"{folder}a")):
            self.storage.delete(key)
        self.storage.delete(self.key(PREVIEW))

    def remove(self) -> None:
        """Remove everything but the marker: who wished for it is no more."""
        folder = self.key(PREVIEW).removesuffix(PREVIEW)
        for key in list(self.storage.list(folder)):
            if key != self.key(_CANCELLED):
                self.storage.delete(key)
