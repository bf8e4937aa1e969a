"""Drawing one batch of like pictures with the warm models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

from services.generation.backends import Drawing, Watch
from services.generation.sdxl.models import Models
from services.generation.sdxl.prompt import Encoded, Encoders
from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.vision import quick_looks
from shared.imaging import Pixels

if TYPE_CHECKING:
    import torch

IMAGE_STRENGTH: Final = 0.6
INPAINT_STRENGTH: Final = 0.85
"""How much is drawn anew where a drawing does not say."""


@dataclass(frozen=True)
class Recipe:
    """How a preset draws."""

    steps: int
    scheduler: str
    guidance: float
    strength: float
    """1 where nothing is drawn over."""
    refine_from: float
    """Share of the steps after which a refiner goes on."""

    @classmethod
    def of(cls, drawing: Drawing, settings: SdxlSettings) -> Recipe:
        """Return how ``drawing`` is drawn."""
        usual = IMAGE_STRENGTH if drawing.mask is None else INPAINT_STRENGTH
        strength = 1.0 if drawing.start is None else drawing.strength or usual
        rest = (strength, settings.sdxl_refine_from)
        if drawing.preset == "fast":
            # Only a part of the steps is run over a picture: few would leave none.
            steps = ceil(settings.sdxl_fast_steps / strength)
            return cls(steps, settings.sdxl_fast_scheduler, 1.0, *rest)
        return cls(settings.sdxl_steps, settings.sdxl_scheduler, settings.sdxl_guidance, *rest)

    @property
    def runs(self) -> int:
        """Steps that are run."""
        return max(1, min(self.steps, int(self.steps * self.strength)))


@dataclass(frozen=True, eq=False)
class Text:
    """A drawing's prompts, encoded for the base model and the refiner."""

    prompt: Encoded
    negative: Encoded | None
    """None: it is not read, for nothing is guided."""
    refiner: tuple[Encoded, Encoded | None] | None = None


def encode(drawing: Drawing, *, models: Models, guided: bool) -> Text:
    """Encode a drawing's prompts, both into as many windows as the longer one needs."""
    refiner = models.refiner_encoders
    if not guided:
        refined = None if refiner is None else (refiner.encode(drawing.prompt), None)
        return Text(models.encoders.encode(drawing.prompt), None, refined)
    prompt, negative = _pair(drawing, models.encoders)
    if not drawing.negative and models.text.config.get("force_zeros_for_empty_prompt"):
        negative = models.encoders.nothing_like(prompt)
    return Text(prompt, negative, None if refiner is None else _pair(drawing, refiner))


def _pair(drawing: Drawing, encoders: Encoders) -> tuple[Encoded, Encoded]:
    prompt = encoders.encode(drawing.prompt)
    negative = encoders.encode(drawing.negative, windows=prompt.count.windows)
    if negative.count.windows > prompt.count.windows:
        prompt = encoders.encode(drawing.prompt, windows=negative.count.windows)
    return prompt, negative


class Follower:
    """Counts the steps of one call, tells them to who watches, and ends the guidance in time."""

    def __init__(self, watch: Watch, settings: SdxlSettings, *, pictures: int) -> None:
        """Follow the drawing of so many pictures, none of which has begun."""
        self._watch = watch
        self._until = settings.sdxl_guidance_until
        self._looks: list[torch.Tensor | None] = [None] * pictures
        self._places: Sequence[int] = ()
        self._before = self._at = self._runs = self._total = 0
        self._ahead: Any = None

    def begin(self, places: Sequence[int], *, runs: int, batches: int) -> None:
        """A batch of ``runs`` steps begins, the first of ``batches``; it draws ``places``."""
        self._places, self._runs = places, runs
        self._at, self._ahead = 0, None
        self._total = max(self._total, self._before + runs * batches)
        self._watch.step(self._before, self._total, None)

    def end(self) -> None:
        """The batch is drawn."""
        self._before += self._runs

    def __call__(self, pipeline: Any, number: int, _: Any, now: dict[str, Any]) -> dict[str, Any]:
        """Be a pipeline's ``callback_on_step_end``; what the watch raises ends the drawing."""
        self._at = min(self._at + 1, self._runs)
        latents = now["latents"]
        self._keep_pace(latents)
        for place, own in zip(self._places, latents, strict=True):
            self._looks[place] = own
        self._watch.step(self._before + self._at, self._total, partial(quick_looks, self._looks))
        guided = self._at < self._runs * self._until
        if pipeline.guidance_scale > 1 and not guided:
            pipeline._guidance_scale = 1.0
            return {name: _second_half(value) for name, value in now.items() if name != "latents"}
        return {}

    def _keep_pace(self, latents: torch.Tensor) -> None:
        """Wait for the GPU's step before this one.

        The GPU works behind Python: without it all steps would be on their way, and a cancelled
        picture would be drawn to its end. One step ahead keeps the GPU busy.
        """
        import torch

        if latents.device.type != "cuda":
            return
        if self._ahead is not None:
            self._ahead.synchronize()
        self._ahead = torch.cuda.Event()
        self._ahead.record()


def _second_half(value: Any) -> Any:
    """Return what belongs to the prompt; the first half belongs to the negative prompt."""
    return value.chunk(2)[1]


def draw_latents(
    drawings: Sequence[Drawing],
    texts: Sequence[Text],
    *,
    recipe: Recipe,
    models: Models,
    follower: Follower,
) -> torch.Tensor:
    """Draw like drawings, whose texts have equally many windows; return (n, 4, h, w) latents."""
    import torch

    # On the CPU, one for each: a picture's noise hangs neither on the GPU nor on its neighbours.
    noise = [torch.Generator("cpu").manual_seed(drawing.seed) for drawing in drawings]
    refined = models.refiner is not None and _is_refined(drawings[0])
    options: dict[str, Any] = {"denoising_end": recipe.refine_from}
    latents = _run(
        _pipeline(drawings[0], models),
        recipe=recipe,
        scheduler=models.scheduler(recipe.scheduler),
        texts=[(text.prompt, text.negative) for text in texts],
        noise=noise,
        follower=follower,
        picture=models.denoiser.picture,
        **_canvas(drawings, recipe),
        **(options if refined else {}),
    )
    if not refined or models.refiner_denoiser is None:
        return latents
    return _run(
        models.refiner,
        recipe=recipe,
        scheduler=models.scheduler(recipe.scheduler),
        texts=[text.refiner for text in texts if text.refiner],
        noise=noise,
        follower=follower,
        picture=models.refiner_denoiser.picture,
        image=latents,
        denoising_start=recipe.refine_from,
    )


def _is_refined(drawing: Drawing) -> bool:
    return drawing.preset == "quality" and drawing.start is None


def _pipeline(drawing: Drawing, models: Models) -> Any:
    if drawing.start is None:
        return models.text
    return models.image if drawing.mask is None else models.inpaint


def _canvas(drawings: Sequence[Drawing], recipe: Recipe) -> dict[str, Any]:
    """Return what is drawn on: its size, or the pictures to draw over."""
    import torch

    size = {"width": drawings[0].width, "height": drawings[0].height}
    if drawings[0].start is None:
        return size
    starts = [torch.from_numpy(started(drawing)) for drawing in drawings]
    image = torch.stack(starts).permute(0, 3, 1, 2).float() / 255
    if drawings[0].mask is None:
        return {"image": image, "strength": recipe.strength}
    masks = [torch.from_numpy(masked(drawing) > 0)[None].float() for drawing in drawings]
    return {"image": image, "mask_image": torch.stack(masks), "strength": recipe.strength} | size


def _run(
    pipeline: Any,
    *,
    recipe: Recipe,
    scheduler: Any,
    texts: Sequence[tuple[Encoded, Encoded | None]],
    noise: list[torch.Generator],
    follower: Follower,
    picture: Callable[[], Any],
    **options: Any,
) -> torch.Tensor:
    import torch

    prompts = [prompt for prompt, _ in texts]
    negatives = [negative for _, negative in texts if negative is not None]
    told = ["latents", "prompt_embeds", "add_text_embeds", "add_time_ids"]
    told += ["mask"] if "mask_image" in options else []
    given = {
        "prompt_embeds": torch.cat([each.states for each in prompts]),
        "pooled_prompt_embeds": torch.cat([each.pooled for each in prompts]),
    }
    if negatives:
        given["negative_prompt_embeds"] = torch.cat([each.states for each in negatives])
        given["negative_pooled_prompt_embeds"] = torch.cat([each.pooled for each in negatives])
    pipeline.scheduler = scheduler
    with ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        stack.enter_context(picture())
        drawn = pipeline(
            **given,
            **options,
            num_inference_steps=recipe.steps,
            guidance_scale=recipe.guidance,
            generator=noise,
            output_type="latent",
            callback_on_step_end=follower,
            callback_on_step_end_tensor_inputs=told,
        )
    latents: torch.Tensor = drawn.images
    return latents


def started(drawing: Drawing) -> Pixels:
    """Return the picture to draw over, of the drawing's size."""
    assert drawing.start is not None  # noqa: S101 - asked only where there is one
    size = (drawing.width, drawing.height)
    image = Image.fromarray(drawing.start)
    return np.array(image if image.size == size else image.resize(size, Image.Resampling.LANCZOS))


def masked(drawing: Drawing) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return the mask, (height, width) of the drawing's size."""
    assert drawing.mask is not None  # noqa: S101 - asked only where there is one
    mask = np.clip(drawing.mask, 0, 1).astype(np.float32)
    if mask.shape == (drawing.height, drawing.width):
        return mask
    size = (drawing.width, drawing.height)
    return np.array(Image.fromarray(mask).resize(size, Image.Resampling.BILINEAR))


def develop(latents: torch.Tensor, *, models: Models) -> Pixels:
    """Turn one picture's latents (1, 4, h, w) into pixels."""
    import torch

    vae = models.vae
    overflows = vae.dtype == torch.float16 and vae.config.get("force_upcast")
    if overflows:
        vae.to(torch.float32)
    scaled = latents.to(vae.dtype) / vae.config.scaling_factor
    try:
        with torch.no_grad():
            values = vae.decode(scaled, return_dict=False)[0][0]
    finally:
        if overflows:
            vae.to(torch.float16)
    levels = values.float().add(1).mul(127.5).round().clamp(0, 255).byte()
    pixels: Pixels = levels.permute(1, 2, 0).contiguous().cpu().numpy()
    return pixels


def blend(drawing: Drawing, pixels: Pixels) -> Pixels:
    """Keep the picture drawn over where its mask is 0, to the bit, and mix at its soft edge."""
    if drawing.mask is None or drawing.start is None:
        return pixels
    share = masked(drawing)[..., None]
    mixed = started(drawing) * (1 - share) + pixels * share
    return np.rint(mixed).astype(np.uint8)
