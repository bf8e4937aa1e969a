"""The settings of the backend `sdxl`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings

Scheduler = Literal[
    "euler", "euler-trailing", "euler-a", "dpm++2m", "dpm++2m-karras", "unipc", "ddim", "lcm"
]


class SdxlSettings(ServiceSettings):
    """The part ``MAPSI_GENERATION_SDXL_*`` of generation's settings."""

    model_config = SettingsConfigDict(env_prefix="MAPSI_GENERATION_")

    sdxl_model: str = Field(
        default="stabilityai/stable-diffusion-xl-base-1.0",
        description="SDXL in diffusers' layout: a folder, or a hub's name, with @revision or "
        "without. All its weights are safetensors.",
    )
    sdxl_refiner: str | None = Field(
        default=None,
        description="SDXL's refiner, likewise, for the last steps of the preset quality; "
        "stabilityai/stable-diffusion-xl-refiner-1.0 is meant for it; unset: none.",
    )
    sdxl_vae: str | None = Field(
        default="madebyollin/sdxl-vae-fp16-fix",
        description="VAE that is used instead of the model's own, which overflows in half "
        "precision; also a tiny one such as madebyollin/taesdxl; unset: the model's own.",
    )
    sdxl_loras: dict[str, float] = Field(
        default={"youngmki/musinsaigo-2.0": 0.75},
        description="LoRAs of every picture that names none, as JSON: file, folder or hub's name "
        "and scale.",
    )
    sdxl_fast_lora: str | None = Field(
        default="latent-consistency/lcm-lora-sdxl",
        description="LoRA with which the preset fast needs few steps; with SDXL-Lightning set "
        "ByteDance/SDXL-Lightning/sdxl_lightning_4step_lora.safetensors and the scheduler "
        "euler-trailing.",
    )
    sdxl_fast_scheduler: Scheduler = Field(
        default="lcm", description="Scheduler of the preset fast."
    )
    sdxl_fast_steps: int = Field(
        default=4, ge=1, le=50, description="Steps of the preset fast, without guidance."
    )
    sdxl_scheduler: Scheduler = Field(
        default="euler", description="Scheduler of the preset quality."
    )
    sdxl_steps: int = Field(default=30, ge=1, le=150, description="Steps of the preset quality.")
    sdxl_guidance: float = Field(
        default=7.5, ge=1, le=30, description="How strictly the preset quality follows the prompt."
    )
    sdxl_guidance_until: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="Share of the steps that are guided; the others cost half.",
    )
    sdxl_refine_from: float = Field(
        default=0.7, gt=0, lt=1, description="Share of the steps after which the refiner goes on."
    )
    sdxl_cache_every: int = Field(
        default=1,
        ge=1,
        le=10,
        description="The UNet's deep blocks are computed in every n-th step only and kept between "
        "them; 1: in every step.",
    )
    sdxl_batch: int = Field(
        default=8, ge=1, le=64, description="Pictures drawn at once at most; halved without memory."
    )
    sdxl_device: str = Field(
        default="auto", description="auto: the GPU where there is one; or cuda, cuda:1, cpu."
    )
    sdxl_dtype: Literal["auto", "bfloat16", "float16", "float32"] = Field(
        default="auto", description="Precision; auto: bfloat16 on a GPU, float32 on a CPU."
    )
    sdxl_channels_last: bool = Field(
        default=True, description="Lay out convolutions as tensor cores read them."
    )
    sdxl_fuse_qkv: bool = Field(
        default=False, description="Compute an attention's three projections at once."
    )
    sdxl_attention: Literal["auto", "cudnn", "flash"] = Field(
        default="auto",
        description="Who computes attention on a GPU: torch's choice, cuDNN or FlashAttention.",
    )
    sdxl_tune: bool = Field(
        default=False,
        description="Let cuDNN try which algorithm is the fastest for each convolution; two "
        "starts may then round otherwise.",
    )
    sdxl_compile: Literal["off", "regional", "full"] = Field(
        default="off",
        description="torch.compile of the UNet: regional compiles its repeated block once, in "
        "seconds; full all of it, in minutes for each picture size.",
    )
    sdxl_compile_cache: Path | None = Field(
        default=None,
        description="Folder where compiled code is kept for the next start; unset: torch's own.",
    )
    sdxl_graphs: bool = Field(
        default=False,
        description="Replay the UNet as a CUDA graph, one for each picture size and batch; "
        "on a GPU only.",
    )
    sdxl_lora_cache: int = Field(
        default=8, ge=1, description="LoRAs kept in memory once they were read."
    )
    sdxl_download: bool = Field(
        default=False,
        description="Fetch what is missing from the hub; false: say how to, and fetch nothing.",
    )
    sdxl_pins: Path | None = Field(
        default=None,
        description="TOML file of revisions and sha256 that add to the shipped ones, "
        "services/generation/sdxl/pins.toml.",
    )
    sdxl_checker: str | None = Field(
        default=None,
        description="Image classifier that finds what must not be shown, folder or hub's name, "
        "such as Falconsai/nsfw_image_detection; unset: pictures are for their owner only.",
    )
    sdxl_checker_labels: tuple[str, ...] = Field(
        default=("nsfw",), description="Its labels that must not be shown, as JSON."
    )
    sdxl_checker_threshold: float = Field(
        default=0.5, gt=0, lt=1, description="Probability of them from which a picture is withheld."
    )
