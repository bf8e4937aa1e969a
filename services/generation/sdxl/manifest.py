"""What is written down beside a picture: what was asked, and how it was drawn."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from services.generation.backends import Drawing
from services.generation.sdxl.brush import Recipe, Text
from services.generation.sdxl.models import Models, device, dtype
from services.generation.sdxl.settings import SdxlSettings

_PACKAGES: Final = ("torch", "diffusers", "transformers")


def asked(drawing: Drawing, text: Text) -> dict[str, Any]:
    """Return the part about what was asked, and how much of the words was read."""
    counts = {"prompt": text.prompt.count}
    if text.negative is not None:
        counts["negative"] = text.negative.count
    return {
        "kind": kind(drawing),
        "preset": drawing.preset,
        "prompt": drawing.prompt,
        "negative": drawing.negative,
        "tokens": {
            name: {
                "kept": count.tokens - count.dropped,
                "dropped": count.dropped,
                "windows": count.windows,
            }
            for name, count in counts.items()
        },
        "seed": drawing.seed,
        "width": drawing.width,
        "height": drawing.height,
    }


def kind(drawing: Drawing) -> str:
    """Return what is drawn on: nothing (``text``), an ``image``, or a part of one (``inpaint``)."""
    if drawing.start is None:
        return "text"
    return "image" if drawing.mask is None else "inpaint"


def drawn(recipe: Recipe, models: Models, settings: SdxlSettings) -> dict[str, Any]:
    """Return the part about how it was drawn."""
    return dict(models.told) | {
        "backend": "sdxl",
        "steps": recipe.steps,
        "steps_run": recipe.runs,
        "scheduler": recipe.scheduler,
        "guidance": recipe.guidance,
        "guidance_until": settings.sdxl_guidance_until,
        "strength": recipe.strength,
        "refine_from": None if models.refiner is None else recipe.refine_from,
        "cache_every": settings.sdxl_cache_every,
        "device": device(settings),
        "dtype": str(dtype(settings)).removeprefix("torch."),
        "versions": {name: version(name) for name in _PACKAGES},
    }
