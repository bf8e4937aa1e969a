"""Who draws: the interface of every backend that draws a person, and opening one by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from services.generation.settings import GenerationSettings
from shared.contracts.generation import Preset
from shared.errors import UsageError
from shared.imaging import Pixels

_MODULES: Final = {
    "sdxl": "services.generation.sdxl.backend",
    "comfyui": "services.generation.remote.comfyui",
    "openai": "services.generation.remote.openai_images",
}
"""Each has a function ``open_backend(settings: GenerationSettings) -> Backend``."""


@dataclass(frozen=True)
class LoraUse:
    """A LoRA at work: a local file or folder, or a hub id, ``name`` or ``name@revision``."""

    source: str
    scale: float = 1.0


@dataclass(frozen=True, eq=False)
class Drawing:
    """One picture to draw."""

    prompt: str
    negative: str
    seed: int
    width: int
    height: int
    preset: Preset
    loras: tuple[LoraUse, ...] = ()
    start: Pixels | None = None
    """(H, W, 3) uint8 RGB: drawn over, the whole of it or what ``mask`` says."""
    mask: NDArray[np.float32] | None = None
    """(H, W), 0 to 1; 1: drawn anew."""
    strength: float | None = None
    """How much of ``start`` is drawn anew, above 0 to 1; None: the backend's own."""


class Watch(Protocol):
    """Who follows a drawing, and may stop it by raising."""

    def step(self, number: int, steps: int, preview: Callable[[], Pixels] | None) -> None:
        """Hear that ``number`` of ``steps`` are done: 0 before the first, at least once each.

        ``preview`` makes small pictures of how it looks: (n, h, w, 3) for the n drawings of the
        batch, or (h, w, 3) for the first alone. It is called rarely.
        """


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture, (H, W, 3) uint8 RGB, and how it was made.

    The manifest names the model with revision and sha256, LoRAs with hashes, prompt, negative
    prompt, tokens kept and dropped, seed, steps, scheduler, guidance, versions and seconds, as
    far as the backend knows them.
    """

    pixels: Pixels
    manifest: dict[str, Any]


class Backend(Protocol):
    """Draws with one model, which stays warm between calls."""

    name: str

    def load(self) -> None:
        """Make ready, once, under a lock.

        Raises PermanentError in both languages where something is missing, with how to get it.
        """

    def draw(self, drawings: Sequence[Drawing], *, watch: Watch) -> list[Drawn]:
        """Draw compatible pictures: of the same size, preset, LoRAs and kind.

        What ``watch`` raises passes through. Raises PermanentError where it cannot be drawn,
        RetryableError where it may be later.
        """


def open_backend(name: str, settings: GenerationSettings) -> Backend:
    """Return the backend ``name``, not loaded yet; UsageError where there is none of that name."""
    if name not in _MODULES:
        raise UsageError(
            f"{name} draws nothing; choose from: {', '.join(_MODULES)}",
            text_ko=f"{name}: 그릴 수 없습니다. 다음 중에서 고르세요: {', '.join(_MODULES)}",
            reason="unknown_backend",
        )
    backend: Backend = importlib.import_module(_MODULES[name]).open_backend(settings)
    return backend
