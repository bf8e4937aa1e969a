"""The model that a LoRA is trained on: its parts, loaded one by one so that few are in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.generation.sdxl.prompt import Encoders
from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.weights import fingerprints, locate
from shared.errors import MapsiError


@dataclass(frozen=True)
class Base:
    """Where the base model lies, and what its weights' hashes are."""

    source: str
    path: Path
    revision: str | None
    variant: str | None
    hashes: dict[str, str]

    def load(self, kind: Any, part: str, *, dtype: str = "float32") -> Any:
        """Load one part in ``dtype``, for reading only."""
        import torch
        from diffusers.utils import logging as diffusers_logging
        from transformers.utils import logging as transformers_logging

        diffusers_logging.disable_progress_bar()
        transformers_logging.disable_progress_bar()
        loaded = kind.from_pretrained(
            self.path, subfolder=part, variant=self.variant, torch_dtype=getattr(torch, dtype),
            use_safetensors=True, local_files_only=True,
        )  # fmt: skip
        return loaded.requires_grad_(False).eval()

    def encoders(self, device: Any) -> tuple[Encoders, tuple[Any, Any]]:
        """Load tokenizers and text encoders; return what encodes, and the models in it."""
        from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

        first = self.load(CLIPTextModel, "text_encoder").to(device)
        second = self.load(CLIPTextModelWithProjection, "text_encoder_2").to(device)
        tokenizers = (
            CLIPTokenizer.from_pretrained(self.path, subfolder=name)
            for name in ("tokenizer", "tokenizer_2")
        )
        return Encoders(*zip(tokenizers, (first, second), strict=True)), (first, second)

    def vae(self) -> Any:
        """Load the VAE; in half precision SDXL's own overflows, so it stays in float32."""
        from diffusers import AutoencoderKL

        return self.load(AutoencoderKL, "vae")

    def unet(self, dtype: str) -> Any:
        """Load the UNet."""
        from diffusers import UNet2DConditionModel

        return self.load(UNet2DConditionModel, "unet", dtype=dtype)

    def noising(self) -> Any:
        """Return the noise schedule that the base was trained with."""
        from diffusers import DDPMScheduler

        return DDPMScheduler.from_pretrained(self.path, subfolder="scheduler")


def find_base(source: str, settings: SdxlSettings) -> Base:
    """Return the base model, checked against its pins.

    Raises PermanentError with the command that fetches it where it is missing, and MapsiError
    where it is of another kind.
    """
    found = locate(source, kind="pipeline", settings=settings)
    if not (found.path / "text_encoder_2").is_dir() or not (found.path / "text_encoder").is_dir():
        raise MapsiError(
            f"{source}: is no SDXL base model in diffusers' layout",
            text_ko=f"{source}: diffusers 형식의 SDXL 기본 모델이 아닙니다",
            reason="bad_base",
        )
    return Base(source, found.path, found.revision, found.variant, fingerprints(found))
