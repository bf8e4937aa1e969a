"""SDXL at its full size with random weights, on a GPU, without downloading anything.

The configurations are those of stabilityai/stable-diffusion-xl-base-1.0; only the vocabulary is
made up. How long a step takes does not depend on the values.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import AutoencoderKL, StableDiffusionXLPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from tests.samples.tiny_sdxl import drawing_scheduler, made_up_tokenizer

UNET: Final[dict[str, Any]] = {
    "sample_size": 128,
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
VAE: Final[dict[str, Any]] = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "latent_channels": 4,
    "sample_size": 1024,
    "scaling_factor": 0.13025,
    "force_upcast": False,
}
FIRST_ENCODER: Final[dict[str, Any]] = {
    "vocab_size": 49408,
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "projection_dim": 768,
    "hidden_act": "quick_gelu",
}
SECOND_ENCODER: Final[dict[str, Any]] = {
    "vocab_size": 49408,
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "projection_dim": 1280,
    "hidden_act": "gelu",
}


def build(precision: torch.dtype) -> Any:
    """Return a StableDiffusionXLPipeline on the GPU; the same numbers each time."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (made_up_tokenizer(Path(folder, name)) for name in ("one", "tokenizer_2"))
    torch.manual_seed(0)
    torch.set_default_dtype(precision)
    with torch.device("cuda"):
        ends = {"bos_token_id": first.bos_token_id, "eos_token_id": first.eos_token_id}
        parts = {
            "unet": UNet2DConditionModel(**UNET),
            "vae": AutoencoderKL(**VAE),
            "text_encoder": CLIPTextModel(CLIPTextConfig(**FIRST_ENCODER, **ends)),
            "text_encoder_2": CLIPTextModelWithProjection(CLIPTextConfig(**SECOND_ENCODER, **ends)),
        }
    torch.set_default_dtype(torch.float32)
    parts = {name: part.eval().requires_grad_(False) for name, part in parts.items()}
    return StableDiffusionXLPipeline(
        **parts, tokenizer=first, tokenizer_2=second, scheduler=drawing_scheduler()
    )
