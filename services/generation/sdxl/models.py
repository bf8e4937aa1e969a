"""One warm set of models for all that is drawn: text to image, image to image, inpainting."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from services.generation.sdxl.denoiser import Denoiser
from services.generation.sdxl.prompt import Encoders
from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.weights import Found, fingerprints, locate

if TYPE_CHECKING:
    import torch

_SCHEDULERS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "euler": ("EulerDiscreteScheduler", {}),
    "euler-trailing": ("EulerDiscreteScheduler", {"timestep_spacing": "trailing"}),
    "euler-a": ("EulerAncestralDiscreteScheduler", {}),
    "dpm++2m": ("DPMSolverMultistepScheduler", {}),
    "dpm++2m-karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "ddim": ("DDIMScheduler", {}),
    "lcm": ("LCMScheduler", {}),
}


@dataclass(frozen=True, eq=False)
class Models:
    """Pipelines that share their parts, and what belongs to them."""

    text: Any
    image: Any
    inpaint: Any
    denoiser: Denoiser
    encoders: Encoders
    refiner: Any | None
    refiner_denoiser: Denoiser | None
    refiner_encoders: Encoders | None
    told: Mapping[str, Any]
    """The models' sources, revisions and hashes, for the manifest."""

    @property
    def vae(self) -> Any:
        """What turns latents into pixels."""
        return self.text.vae

    @property
    def worn_by(self) -> dict[str, Any]:
        """The models that a LoRA may change."""
        names = ("unet", "text_encoder", "text_encoder_2")
        return {name: getattr(self.text, name) for name in names}

    def scheduler(self, name: str) -> Any:
        """Return a fresh scheduler ``name`` for this model's noise."""
        import diffusers

        kind, options = _SCHEDULERS[name]
        return getattr(diffusers, kind).from_config(self.text.scheduler.config, **options)


def load(settings: SdxlSettings) -> Models:
    """Load everything that the settings name onto their device.

    Raises PermanentError with how to get it where something is missing.
    """
    from diffusers import StableDiffusionXLImg2ImgPipeline, StableDiffusionXLPipeline

    base = locate(settings.sdxl_model, kind="pipeline", settings=settings)
    vae = settings.sdxl_vae and locate(settings.sdxl_vae, kind="module", settings=settings)
    refiner = settings.sdxl_refiner and locate(
        settings.sdxl_refiner, kind="pipeline", settings=settings
    )
    told = {"model": _told(base)}
    given = {}
    if vae:
        told["vae"] = _told(vae)
        given["vae"] = _load_vae(vae, settings)
    text = _from_folder(StableDiffusionXLPipeline, base, settings, **given)
    refining = None
    if refiner:
        told["refiner"] = _told(refiner)
        shared = {"vae": text.vae, "text_encoder_2": text.text_encoder_2}
        refining = _from_folder(StableDiffusionXLImg2ImgPipeline, refiner, settings, **shared)
    return assemble(text, refining, settings, told=told)


def assemble(
    text: Any, refiner: Any | None, settings: SdxlSettings, *, told: Mapping[str, Any]
) -> Models:
    """Share a pipeline's parts with the other pipelines and make them ready to draw."""
    import torch
    from diffusers import StableDiffusionXLImg2ImgPipeline, StableDiffusionXLInpaintPipeline

    if settings.sdxl_compile_cache is not None:  # read when torch compiles for the first time
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(settings.sdxl_compile_cache)
    _choose_kernels(settings)
    at = device(settings)
    for pipeline in (text, refiner):
        if pipeline is not None:
            pipeline.to(at)
            pipeline.set_progress_bar_config(disable=True)
    if settings.sdxl_channels_last:
        text.vae.to(memory_format=torch.channels_last)
    # Not `from_pipe`: it casts the parts that it shares.
    parts = text.components
    image = StableDiffusionXLImg2ImgPipeline(**parts)
    inpaint = StableDiffusionXLInpaintPipeline(**parts)
    for pipeline in (image, inpaint):
        pipeline.set_progress_bar_config(disable=True)
    first, second = (text.tokenizer, text.text_encoder), (text.tokenizer_2, text.text_encoder_2)
    return Models(
        text=text,
        image=image,
        inpaint=inpaint,
        denoiser=Denoiser(text.unet, settings),
        encoders=Encoders(first, second),
        refiner=refiner,
        refiner_denoiser=None if refiner is None else Denoiser(refiner.unet, settings),
        refiner_encoders=None if refiner is None else Encoders(second),
        told=told,
    )


def _choose_kernels(settings: SdxlSettings) -> None:
    """Say for the whole process who computes attention and convolutions."""
    import torch

    chosen = settings.sdxl_attention
    torch.backends.cuda.enable_cudnn_sdp(chosen in ("auto", "cudnn"))
    torch.backends.cuda.enable_flash_sdp(chosen in ("auto", "flash"))
    torch.backends.cudnn.benchmark = settings.sdxl_tune


def device(settings: SdxlSettings) -> str:
    """Return the device that the settings mean."""
    import torch

    if settings.sdxl_device != "auto":
        return settings.sdxl_device
    return "cuda" if torch.cuda.is_available() else "cpu"


def dtype(settings: SdxlSettings) -> torch.dtype:
    """Return the precision that the settings mean."""
    import torch

    auto = torch.float32 if device(settings) == "cpu" else torch.bfloat16
    named = {name: getattr(torch, name) for name in ("bfloat16", "float16", "float32")}
    return named.get(settings.sdxl_dtype, auto)


def _from_folder(pipeline: Any, found: Found, settings: SdxlSettings, **given: Any) -> Any:
    options = {"variant": found.variant} if found.variant else {}
    return pipeline.from_pretrained(
        found.path,
        dtype=dtype(settings),
        use_safetensors=True,
        local_files_only=True,
        add_watermarker=False,
        **options,
        **given,
    )


def _load_vae(found: Found, settings: SdxlSettings) -> Any:
    from diffusers import AutoencoderKL, AutoencoderTiny

    tiny = "AutoencoderTiny" in (found.path / "config.json").read_text()
    return (AutoencoderTiny if tiny else AutoencoderKL).from_pretrained(
        found.path, dtype=dtype(settings), use_safetensors=True, local_files_only=True
    )


def _told(found: Found) -> dict[str, Any]:
    hashes = fingerprints(found)
    return {"source": found.source, "revision": found.revision, "sha256": hashes}
