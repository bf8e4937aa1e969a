"""A whole run, from a training set to the files of a LoRA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from services.generation.lora import caching
from services.generation.lora.base import Base
from services.generation.lora.caching import Picture, Text
from services.generation.lora.checkpoints import latest, load_checkpoint
from services.generation.lora.curve import PICTURE, Curve, draw_curve, read_curve
from services.generation.lora.dataset import Entry, captions_hash, read_dataset
from services.generation.lora.exporting import (
    DIFFUSERS,
    metadata_of,
    write_diffusers,
    write_kohya,
)
from services.generation.lora.grid import Easel, draw_grid, spread
from services.generation.lora.layers import Learners, add_layers
from services.generation.lora.objective import Objective
from services.generation.lora.order import hold_out
from services.generation.lora.recipe import LEAST, Recipe
from services.generation.lora.training import Lessons, Readers, Training
from services.generation.sdxl.prompt import Encoders
from shared.devices import usable_device
from shared.errors import MapsiError, UsageError

_CACHE: Final = "latents.safetensors"
_SAMPLES: Final = "samples"
_DRAWN: Final = 4
_TYPES: Final = {"bf16": "bfloat16", "fp16": "float16", "no": "float32"}


@dataclass(frozen=True)
class Order:
    """What a person asked for."""

    data: Path
    out: Path
    title: str
    licence: str
    recipe: Recipe
    resume: bool = False


@dataclass(frozen=True)
class Showing:
    """How one sees where it is."""

    begin: caching.Progress
    language: str


@dataclass(frozen=True)
class Result:
    """What came of it."""

    diffusers: Path
    kohya: Path
    curve: Curve


def train(order: Order, base: Base, showing: Showing) -> Result:
    """Train and export; everything is written into ``order.out``.

    Raises UsageError for what cannot be, and MapsiError with what to lower where the memory is
    too small.
    """
    import torch

    try:
        return _train(order, base, showing)
    except torch.OutOfMemoryError as error:
        raise out_of_memory(order.recipe) from error


def _train(order: Order, base: Base, showing: Showing) -> Result:
    recipe, entries = order.recipe, read_dataset(order.data)
    if len(entries) < LEAST:
        raise UsageError(
            f"{order.data}: {len(entries)} pictures are too few; {LEAST} are the least",
            text_ko=f"{order.data}: 사진 {len(entries)}장은 너무 적습니다. 적어도 {LEAST}장이 "
            "필요합니다",
            reason="too_few_pictures",
        )
    accelerator = open_accelerator(recipe)
    order.out.mkdir(parents=True, exist_ok=True)
    pictures = caching.cache_pictures(
        order.data, entries, base, resolution=recipe.resolution, device=accelerator.device,
        file=order.out / _CACHE, progress=showing.begin,
    )  # fmt: skip
    learned, held = hold_out(entries, share=recipe.held_out, seed=recipe.seed)
    prompts = recipe.sample_prompts or spread(_texts(entries, held or learned), most=_DRAWN)
    training = _open(order, base, entries, pictures, (learned, held), prompts, accelerator, showing)
    identity = _identity(order, base, entries)
    if order.resume:
        _resume(training, order.out, identity)
    sample = _sampler(order.out, base, training, pictures, prompts, accelerator)
    moved_on = showing.begin("steps", recipe.steps - training.step)
    training.run(out=order.out, identity=identity, sample=sample, tell=lambda step: moved_on())
    draw_curve(training.curve, order.out / PICTURE, language=showing.language)
    return _export(order, base, entries, training)


def _texts(entries: Sequence[Entry], indices: Sequence[int]) -> list[str]:
    return [entries[at].text for at in indices]


def open_accelerator(recipe: Recipe) -> Any:
    """Return accelerate's handle of the device; UsageError where the recipe cannot run here."""
    import torch
    from accelerate import Accelerator

    device = torch.device(usable_device(recipe.device))
    on_gpu = device.type == "cuda"
    if on_gpu:
        torch.cuda.set_device(device)  # accelerate takes the current one
    if recipe.precision == "fp16" and not on_gpu:
        raise UsageError(
            "fp16 needs a GPU; use --precision no or bf16",
            text_ko="fp16에는 GPU가 필요합니다. --precision no 또는 bf16을 쓰세요",
            reason="no_cuda",
        )
    if recipe.precision == "bf16" and on_gpu and not torch.cuda.is_bf16_supported():
        raise UsageError(
            "this GPU has no bf16; use --precision fp16",
            text_ko="이 GPU는 bf16을 지원하지 않습니다. --precision fp16을 쓰세요",
            reason="no_bf16",
        )
    accelerator = Accelerator(
        mixed_precision=recipe.precision,
        gradient_accumulation_steps=recipe.accumulate,
        cpu=not on_gpu,
    )
    if accelerator.num_processes > 1:
        raise UsageError(
            "one process trains on one GPU; start it without `accelerate launch`",
            text_ko="GPU 하나에 프로세스 하나로 학습합니다. `accelerate launch` 없이 실행하세요",
            reason="many_processes",
        )
    return accelerator


def _open(
    order: Order, base: Base, entries: Sequence[Entry], pictures: Sequence[Picture],
    split: tuple[Sequence[int], Sequence[int]], prompts: Sequence[str], accelerator: Any,
    showing: Showing,
) -> Training:  # fmt: skip
    import torch

    recipe, device = order.recipe, accelerator.device
    torch.manual_seed(recipe.seed)
    encoders, models = base.encoders(device)
    captions = [*(entry.text for entry in entries), *prompts]
    cached = caching.cache_texts(captions, encoders, showing.begin)
    unet = base.unet(_TYPES[recipe.precision]).to(device)
    learners = add_layers(unet, models, recipe)
    if recipe.checkpointing:
        _spare_memory(learners)
    learned, held = (([pictures[at] for at in part], _texts(entries, part)) for part in split)
    return Training(
        recipe,
        learners,
        Objective(unet, base.noising(), recipe.min_snr, device),
        Lessons(learned, held),
        _readers(cached, encoders, recipe),
        accelerator,
    )


def _spare_memory(learners: Learners) -> None:
    for part, model in learners.models.items():
        if part == "unet":
            model.enable_gradient_checkpointing()
        else:
            model.gradient_checkpointing_enable({"use_reentrant": False})


def _readers(cached: dict[str, Text], encoders: Encoders, recipe: Recipe) -> Readers:
    """Keep the encoders only where they learn: else they leave the memory here."""
    windows = cached[""].states.shape[1] // 77
    return Readers(cached, encoders if recipe.text_encoders else None, windows)


def _identity(order: Order, base: Base, entries: Sequence[Entry]) -> dict[str, Any]:
    return {
        **order.recipe.fixed(),
        "base": base.source,
        "base_sha256": base.hashes,
        "captions_sha256": captions_hash(list(entries)),
    }


def _resume(training: Training, out: Path, identity: dict[str, Any]) -> None:
    folder = latest(out)
    if folder is None:
        raise UsageError(
            f"{out}: no checkpoint to resume; start without --resume",
            text_ko=f"{out}: 이어 갈 체크포인트가 없습니다. --resume 없이 시작하세요",
            reason="no_checkpoint",
        )
    checkpoint = load_checkpoint(folder, identity)
    training.resume(checkpoint, read_curve(out, until=checkpoint.step))


def _sampler(
    out: Path, base: Base, training: Training, pictures: Sequence[Picture],
    prompts: Sequence[str], accelerator: Any,
) -> Callable[[int], None]:  # fmt: skip
    """Return what draws the samples, at the size that most of the pictures have."""
    sizes = [tuple(int(side) for side in picture.time_ids[4:]) for picture in pictures]
    height, width = max(sorted(set(sizes)), key=sizes.count)
    easel = Easel(
        base, training.objective.unet, base.vae(), (width, height), accelerator.device,
        accelerator.autocast,
    )  # fmt: skip

    def sample(step: int) -> None:
        texts = {prompt: training.readers.read(prompt) for prompt in prompts}
        draw_grid(easel, texts, out / _SAMPLES / f"step-{step:06}.png")

    return sample


def _export(order: Order, base: Base, entries: Sequence[Entry], training: Training) -> Result:
    recipe, layers, best = order.recipe, training.learners.state(), training.curve.best()
    facts = {
        "title": order.title,
        "base": base.source if base.revision is None else f"{base.source}@{base.revision}",
        "base_sha256": base.hashes,
        "licence": order.licence,
        "resolution": recipe.resolution,
        "rank": recipe.rank,
        "alpha": recipe.alpha,
        "pictures": len(entries),
        "steps": training.step,
        "captions_sha256": captions_hash(list(entries)),
        "data_licences": sorted({entry.licence for entry in entries}),
        "recipe": asdict(recipe),
        "held_out_loss": training.curve.measured()[-1].held_out if best else None,
        "best_held_out_step": best.step if best else None,
    }
    metadata = metadata_of(facts, rank=recipe.rank, alpha=recipe.alpha)
    folder = order.out / "lora"
    folder.mkdir(exist_ok=True)
    kohya = order.out / f"{order.title}.safetensors"
    write_diffusers(folder / DIFFUSERS, layers, scale=recipe.alpha / recipe.rank, metadata=metadata)
    write_kohya(
        kohya, layers, alpha=recipe.alpha, metadata=metadata,
        per_block=int(training.objective.unet.config.layers_per_block),
    )  # fmt: skip
    return Result(folder / DIFFUSERS, kohya, training.curve)


def out_of_memory(recipe: Recipe) -> MapsiError:
    """Say what can still be lowered, the cheapest first."""
    lower = [
        word
        for word, possible in (
            ("--checkpointing", not recipe.checkpointing),
            (f"--batch 1 --accumulate {recipe.batch * recipe.accumulate}", recipe.batch > 1),
            ("--optimizer adamw8bit", recipe.optimizer == "adamw"),
            ("--no-text-encoders", recipe.text_encoders),
            ("--precision bf16", recipe.precision == "no"),
            (f"--resolution {recipe.resolution * 3 // 4 // 32 * 32}", recipe.resolution > 512),
            (f"--rank {recipe.rank // 2}", recipe.rank > 4),
        )
        if possible
    ]
    told = ", ".join(lower)
    return MapsiError(
        f"the GPU's memory is too small; try, in this order: {told or 'a larger GPU'}",
        text_ko=f"GPU 메모리가 부족합니다. 이 순서로 낮춰 보세요: {told or '더 큰 GPU'}",
        reason="out_of_memory",
    )
