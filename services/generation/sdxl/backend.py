"""The backend ``sdxl``: Stable Diffusion XL on this machine, loaded once and kept warm."""

from __future__ import annotations

from collections.abc import Sequence
from threading import RLock

from services.generation.backends import Drawing, Drawn, Watch
from services.generation.sdxl.models import load
from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.studio import Studio
from services.generation.sdxl.vision import open_checker
from shared.errors import PermanentError


def open_backend(settings: SdxlSettings) -> SdxlBackend:
    """Return the backend, not loaded yet."""
    return SdxlBackend(settings)


class SdxlBackend:
    """Draws with SDXL on this machine.

    The same drawing and settings give the same picture: to the bit on the same device while its
    batch has the same size, and otherwise but for rounding, since batches of other sizes run
    other kernels. Noise and prompt of a picture never hang on the others of its batch.
    """

    name = "sdxl"

    def __init__(self, settings: SdxlSettings) -> None:
        """Keep the settings; nothing is read before ``load``."""
        self._settings = settings
        self._lock = RLock()  # LoRAs and schedulers are shared: one batch at a time
        self._studio: Studio | None = None

    def load(self) -> None:
        """Read the models, once.

        Raises PermanentError with how to get it where something is missing.
        """
        self._open()

    def draw(self, drawings: Sequence[Drawing], *, watch: Watch) -> list[Drawn]:
        """Draw all; those that are alike at once.

        What ``watch`` raises passes through. Raises PermanentError where a LoRA is missing, or
        where the memory does not even hold one picture.
        """
        import torch

        with self._lock, torch.no_grad():
            return self._open().draw(drawings, watch=watch)

    def _open(self) -> Studio:
        with self._lock:
            if self._studio is None:
                try:
                    checker = open_checker(self._settings)
                    models = load(self._settings)
                except ImportError as error:
                    raise PermanentError(
                        f"{error}; pip install 'mapsi[gpu]'",
                        text_ko=f"{error}: pip install 'mapsi[gpu]'",
                        reason="missing_package",
                    ) from error
                self._studio = Studio(models, self._settings, checker=checker)
            return self._studio
