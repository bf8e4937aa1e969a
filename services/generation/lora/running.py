"""A whole run, from a training set to the files of a LoRA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from services.generation.lora import caching
from services.generation.lora.accelerating import open_accelerator, out_of_memory
from services.generation.lora.base import Base
from services.generation.lora.caching import Picture
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
from shared.errors import UsageError

_CACHE: Final = "latents.safetensors"
_SAMPLES: Final = "samples"
_DRAWN: Final = 4
_TYPES: Final = {"bf16": "bfloat16", "fp16": "float16", "no": "float32"}


@dataclass(frozen=True)
class Run:
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


@dataclass(frozen=True, eq=False)
class Material:
    """The training set in memory, and which of it is learned from and held out."""

    entries: Sequence[Entry]
    pictures: Sequence[Picture]
    learned: Sequence[int]
    held_out: Sequence[int]
    prompts: tuple[str, ...]
    """Of the samples."""

    def part(self, indices: Sequence[int]) -> tuple[Sequence[Picture], Sequence[str]]:
        """Return pictures and captions side by side."""
        return [self.pictures[at] for at in indices], _texts(self.entries, indices)


@dataclass(frozen=True)
class Result:
    """What came of it."""

    diffusers: Path
    kohya: Path
    curve: Curve


def train(run: Run, base: Base, showing: Showing) -> Result:
    """Train and export; everything is written into ``run.out``.

    Raises UsageError for what cannot be, and MapsiError with what to lower where the memory is
    too small.
    """
    import torch

    try:
        return _train(run, base, showing)
    except torch.OutOfMemoryError as error:
        raise out_of_memory(run.recipe) from error


def _train(run: Run, base: Base, showing: Showing) -> Result:
    recipe, entries = run.recipe, read_dataset(run.data)
    _check(run, entries)
    accelerator = open_accelerator(recipe)
    run.out.mkdir(parents=True, exist_ok=True)
    pictures = caching.cache_pictures(
        run.data, entries, base, resolution=recipe.resolution, device=accelerator.device,
        file=run.out / _CACHE, progress=showing.begin,
    )  # fmt: skip
    learned, held = hold_out(entries, share=recipe.held_out, seed=recipe.seed)
    prompts = recipe.sample_prompts or spread(_texts(entries, held or learned), most=_DRAWN)
    material = Material(entries, pictures, learned, held, tuple(prompts))
    training, reader = _open(recipe, base, material, accelerator, showing)
    identity = _identity(run, base, entries)
    if run.resume:
        _resume(training, run.out, identity)
    sample = _sampler(run.out, base, material, reader, training)
    moved_on = showing.begin("steps", recipe.steps - training.step)
    training.run(out=run.out, identity=identity, sample=sample, tell=lambda step: moved_on())
    draw_curve(training.curve, run.out / PICTURE, language=showing.language)
    return _export(run, base, entries, training)


def _check(run: Run, entries: Sequence[Entry]) -> None:
    """Raise UsageError for what can be told before anything long begins."""
    if len(entries) < LEAST:
        raise UsageError(
            f"{run.data}: {len(entries)} pictures are too few; {LEAST} are the least",
            text_ko=f"{run.data}: 사진 {len(entries)}장은 너무 적습니다. 적어도 {LEAST}장이 "
            "필요합니다",
            reason="too_few_pictures",
        )
    before = latest(run.out)
    if run.resume and before is None:
        raise UsageError(
            f"{run.out}: no checkpoint to resume; start without --resume",
            text_ko=f"{run.out}: 이어 갈 체크포인트가 없습니다. --resume 없이 시작하세요",
            reason="no_checkpoint",
        )
    if before is not None and not run.resume:
        raise UsageError(
            f"{run.out} has a run already; go on with --resume, or name another --out",
            text_ko=f"{run.out}: 이미 학습한 결과가 있습니다. --resume으로 이어 가거나 다른 "
            "--out을 지정하세요",
            reason="other_run",
        )


def _texts(entries: Sequence[Entry], indices: Sequence[int]) -> list[str]:
    return [entries[at].text for at in indices]


def _open(
    recipe: Recipe, base: Base, material: Material, accelerator: Any, showing: Showing
) -> tuple[Training, Readers]:
    """Return the training, and what reads the samples' prompts."""
    import torch

    torch.manual_seed(recipe.seed)
    encoders, models = base.encoders(accelerator.device)
    # Apart from each other: a long prompt shall not lengthen what is learned.
    captions = [entry.text for entry in material.entries]
    cached, drawn = (
        caching.cache_texts(texts, encoders, showing.begin)
        for texts in (captions, material.prompts)
    )
    unet = base.unet(_TYPES[recipe.precision]).to(accelerator.device)
    learners = add_layers(unet, models, recipe)
    if recipe.checkpointing:
        _spare_memory(learners)
    # Encoders that do not learn leave the memory with this function.
    learning = encoders if recipe.text_encoders else None
    training = Training(
        recipe,
        learners,
        Objective(unet, base.noising(), recipe.min_snr, accelerator.device),
        Lessons(material.part(material.learned), material.part(material.held_out)),
        Readers(cached, learning),
        accelerator,
    )
    return training, Readers(drawn, learning)


def _spare_memory(learners: Learners) -> None:
    for part, model in learners.models.items():
        if part == "unet":
            model.enable_gradient_checkpointing()
        else:
            model.gradient_checkpointing_enable({"use_reentrant": False})


def _identity(run: Run, base: Base, entries: Sequence[Entry]) -> dict[str, Any]:
    return {
        **run.recipe.fixed(),
        "base": base.source,
        "base_sha256": base.hashes,
        "captions_sha256": captions_hash(list(entries)),
    }


def _resume(training: Training, out: Path, identity: dict[str, Any]) -> None:
    folder = latest(out)
    if folder is not None:
        checkpoint = load_checkpoint(folder, identity)
        training.resume(checkpoint, read_curve(out, until=checkpoint.step))


def _sampler(
    out: Path, base: Base, material: Material, reader: Readers, training: Training
) -> Callable[[int], None]:
    """Return what draws the samples, at the size that most of the pictures have."""
    sizes = [tuple(int(side) for side in picture.time_ids[4:]) for picture in material.pictures]
    height, width = max(sorted(set(sizes)), key=sizes.count)
    accelerator = training.accelerator
    easel = Easel(
        base, training.objective.unet, base.vae(), (width, height), accelerator.device,
        accelerator.autocast,
    )  # fmt: skip

    def sample(step: int) -> None:
        texts = {prompt: reader.read(prompt) for prompt in material.prompts}
        draw_grid(easel, texts, out / _SAMPLES / f"step-{step:06}.png")

    return sample


def _export(run: Run, base: Base, entries: Sequence[Entry], training: Training) -> Result:
    recipe, layers, best = run.recipe, training.learners.state(), training.curve.best()
    facts = {
        "title": run.title,
        "base": base.source if base.revision is None else f"{base.source}@{base.revision}",
        "base_sha256": base.hashes,
        "licence": run.licence,
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
    folder = run.out / "lora"
    folder.mkdir(exist_ok=True)
    kohya = run.out / f"{run.title}.safetensors"
    write_diffusers(folder / DIFFUSERS, layers, scale=recipe.alpha / recipe.rank, metadata=metadata)
    write_kohya(
        kohya, layers, alpha=recipe.alpha, metadata=metadata,
        per_block=int(training.objective.unet.config.layers_per_block),
    )  # fmt: skip
    return Result(folder / DIFFUSERS, kohya, training.curve)
