"""Pictures from latents: a quick look while drawing, and the checker of what may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from PIL import Image

from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.weights import fingerprints, locate
from shared.errors import PermanentError
from shared.imaging import Pixels

if TYPE_CHECKING:
    import torch

_TO_RGB: Final = (
    (0.3651, 0.4232, 0.4341),
    (-0.2533, -0.0042, 0.1068),
    (0.1076, 0.1111, -0.0362),
    (-0.3165, -0.2492, -0.2188),
)
_GREY: Final = (0.1084, -0.0175, -0.0011)
"""A linear fit of SDXL's VAE, as ComfyUI (latent_formats.py) and others use it."""


def quick_look(latents: torch.Tensor) -> Pixels:
    """Return latents (4, h, w) as a picture (2h, 2w, 3): colours and shapes, no detail."""
    import torch

    matrix = torch.tensor(_TO_RGB, device=latents.device)
    grey = torch.tensor(_GREY, device=latents.device)
    rgb = torch.einsum("chw,cr->hwr", latents.float(), matrix) + grey
    levels = rgb.add(1).mul(127.5).nan_to_num().clamp(0, 255).byte().cpu().numpy()
    small = Image.fromarray(levels)
    wide = small.resize((2 * small.width, 2 * small.height), Image.Resampling.BICUBIC)
    return np.asarray(wide)


def quick_looks(latents: Sequence[torch.Tensor | None]) -> Pixels:
    """Return (n, h, w, 3): a quick look at each, all of the first one's size; None is grey."""
    known = [None if one is None else quick_look(one) for one in latents]
    height, width = next(look.shape[:2] for look in known if look is not None)
    sheet = np.full((len(known), height, width, 3), 128, np.uint8)
    for at, look in enumerate(known):
        if look is not None:
            sheet[at] = np.asarray(Image.fromarray(look).resize((width, height)))
    return sheet


class Checker(Protocol):
    """Tells what must not be shown."""

    name: str

    def unsafe(self, pictures: Sequence[Pixels]) -> list[float]:
        """Return each picture's probability, 0 to 1, of being what must not be shown."""


def open_checker(settings: SdxlSettings) -> Checker | None:
    """Load the checker that the settings name; None where they name none.

    Raises PermanentError where its weights are missing or it knows none of the labels.
    """
    return None if settings.sdxl_checker is None else Classifier(settings)


class Classifier:
    """A transformers image classifier, some labels of which must not be shown."""

    def __init__(self, settings: SdxlSettings) -> None:
        """Load it onto the CPU: it looks at a picture for a moment, and takes no GPU memory."""
        from transformers import AutoImageProcessor, AutoModelForImageClassification

        found = locate(settings.sdxl_checker or "", kind="module", settings=settings)
        (sha256,) = fingerprints(found).values()
        self.name = f"{found.source} {sha256[:12]}"
        self._prepare: Any = AutoImageProcessor.from_pretrained(found.path, local_files_only=True)
        self._model: Any = AutoModelForImageClassification.from_pretrained(
            found.path, local_files_only=True, use_safetensors=True
        )
        labels = {name.lower(): at for at, name in self._model.config.id2label.items()}
        try:
            self._unsafe = [labels[name.lower()] for name in settings.sdxl_checker_labels]
        except KeyError as error:
            names = ", ".join(labels)
            raise PermanentError(
                f"{found.source} knows only the labels {names}; "
                "correct MAPSI_GENERATION_SDXL_CHECKER_LABELS",
                text_ko=f"{found.source}에는 {names} 레이블뿐입니다. "
                "MAPSI_GENERATION_SDXL_CHECKER_LABELS를 고치세요",
                reason="bad_setting",
            ) from error

    def unsafe(self, pictures: Sequence[Pixels]) -> list[float]:
        """Sum the probabilities of the labels."""
        import torch

        images = [Image.fromarray(pixels) for pixels in pictures]
        with torch.no_grad():
            logits = self._model(**self._prepare(images=images, return_tensors="pt")).logits
        shares: list[float] = logits.softmax(dim=-1)[:, self._unsafe].sum(dim=-1).tolist()
        return shares
