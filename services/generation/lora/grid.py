"""What the LoRA draws while it learns: the same prompts and seeds each time."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw

from services.generation.lora.base import Base
from services.generation.lora.buckets import Size
from services.generation.lora.caching import Text
from shared.fonts import font
from shared.imaging import Pixels

SEEDS: Final = (1, 2)
_STEPS: Final = 20
_GUIDANCE: Final = 5.0
_WORDS: Final = 220
"""Pixels beside the pictures for the prompts."""


@dataclass(frozen=True, eq=False)
class Easel:
    """Draws with the UNet as it is; the VAE is on the device only meanwhile."""

    base: Base
    unet: Any
    vae: Any
    size: Size
    device: Any
    autocast: Callable[[], AbstractContextManager[Any]]

    def draw(self, text: Text, *, seed: int) -> Pixels:
        """Return one picture (height, width, 3); no random state but its own is used."""
        import torch
        from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline

        scheduler = EulerDiscreteScheduler.from_pretrained(self.base.path, subfolder="scheduler")
        pipeline = StableDiffusionXLPipeline(
            vae=self.vae, text_encoder=None, text_encoder_2=None, tokenizer=None, tokenizer_2=None,
            unet=self.unet, scheduler=scheduler, add_watermarker=False,
        )  # fmt: skip
        pipeline.set_progress_bar_config(disable=True)
        states, pooled = text.states.to(self.device), text.pooled.to(self.device)
        self.vae.to(self.device)  # a pipeline is where its first part is
        with self.autocast():
            latents = pipeline(
                prompt_embeds=states, pooled_prompt_embeds=pooled,
                negative_prompt_embeds=torch.zeros_like(states),
                negative_pooled_prompt_embeds=torch.zeros_like(pooled),
                num_inference_steps=_STEPS, guidance_scale=_GUIDANCE,
                width=self.size[0], height=self.size[1],
                generator=torch.Generator().manual_seed(seed), output_type="latent",
            ).images  # fmt: skip
        return self._seen(latents)

    def _seen(self, latents: Any) -> Pixels:
        import torch

        with torch.no_grad():
            scaled = latents.float() / self.vae.config.scaling_factor
            image = self.vae.decode(scaled).sample[0]
        self.vae.to("cpu")
        values = ((image.permute(1, 2, 0).float().cpu() / 2 + 0.5).clamp(0, 1) * 255).round()
        return np.asarray(values.numpy(), np.uint8)


def draw_grid(easel: Easel, texts: Mapping[str, Text], file: Path) -> list[Pixels]:
    """Draw each prompt with each seed into one PNG, prompts beside; return the pictures."""
    rows = [[easel.draw(text, seed=seed) for seed in SEEDS] for text in texts.values()]
    width, height = easel.size
    page = Image.new("RGB", (_WORDS + len(SEEDS) * width, len(rows) * height), "white")
    pen = ImageDraw.Draw(page)
    for row, (prompt, pictures) in enumerate(zip(texts, rows, strict=True)):
        for line, words in enumerate(textwrap.wrap(prompt, 30)[: max(1, height // 18)]):
            pen.text((8, row * height + 6 + 18 * line), words, fill="black", font=font(14))
        for column, picture in enumerate(pictures):
            page.paste(Image.fromarray(picture), (_WORDS + column * width, row * height))
    file.parent.mkdir(parents=True, exist_ok=True)
    page.save(file)
    return [picture for pictures in rows for picture in pictures]


def spread(captions: Sequence[str], *, most: int) -> list[str]:
    """Return up to ``most`` distinct captions, spread over the set."""
    distinct = list(dict.fromkeys(caption for caption in captions if caption))
    count = min(most, len(distinct))
    return [distinct[at * len(distinct) // count] for at in range(count)]
