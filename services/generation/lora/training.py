"""The training loop: deterministic from its recipe, and resumed as if it had never stopped."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.generation.lora.caching import Picture, Text
from services.generation.lora.checkpoints import Checkpoint, save_checkpoint
from services.generation.lora.curve import Curve, Row
from services.generation.lora.layers import Learners
from services.generation.lora.objective import Objective
from services.generation.lora.order import Order
from services.generation.lora.recipe import Recipe
from services.generation.sdxl.prompt import Encoders
from shared.errors import MapsiError, UsageError

if TYPE_CHECKING:
    import torch

Sampler = Callable[[int], None]
"""Draws samples after so many steps."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """What is learned from and what is measured on: pictures and captions side by side."""

    learned: tuple[Sequence[Picture], Sequence[str]]
    held_out: tuple[Sequence[Picture], Sequence[str]]


@dataclass(frozen=True, eq=False)
class Readers:
    """Captions as the UNet reads them: from the cache, or anew where the encoders learn."""

    cached: dict[str, Text]
    encoders: Encoders | None

    def read(self, caption: str) -> Text:
        """Return a caption encoded; the empty one is zeros."""
        if self.encoders is None or not caption:
            return self.cached[caption]
        self.encoders.forget()
        windows = self.cached[caption].states.shape[1] // 77
        encoded = self.encoders.encode(caption, windows=windows)
        return Text(encoded.states, encoded.pooled)


@dataclass(eq=False)
class Training:
    """One run: the models, what optimises them, and how far it is."""

    recipe: Recipe
    learners: Learners
    objective: Objective
    lessons: Lessons
    readers: Readers
    accelerator: Any
    curve: Curve = field(default_factory=Curve)
    step: int = 0

    def __post_init__(self) -> None:
        """Build optimizer, schedule and random generator."""
        import torch

        self.optimizer, self.schedule = self._machinery()
        self.random = torch.Generator().manual_seed(self.recipe.seed)
        # Dropout draws from the global generator.
        torch.manual_seed(self.recipe.seed)
        sizes = tuple(picture.size for picture in self.lessons.learned[0])
        self.order = Order(sizes, self.recipe.batch, self.recipe.seed)

    def run(self, *, out: Path, identity: dict[str, Any], sample: Sampler, tell: Sampler) -> None:
        """Train to the recipe's last step.

        Measures, samples and saves on the way; ``tell`` hears of each step.
        """
        if self.step == 0:
            self._look(sample)
        while self.step < self.recipe.steps:
            loss = self._update()
            self.step += 1
            rate = float(self.schedule.get_last_lr()[0])
            self.curve.add(Row(self.step, loss, rate))
            last = self.step == self.recipe.steps
            if last or self.step % self.recipe.sample_every == 0:
                self._look(sample)
                self.curve.write(out)
            if last or self.step % self.recipe.save_every == 0:
                save_checkpoint(out, self.checkpoint(identity))
                self.curve.write(out)
            tell(self.step)

    def checkpoint(self, identity: dict[str, Any]) -> Checkpoint:
        """Return all that a run needs to go on from here."""
        import torch

        scaler = self.accelerator.scaler
        on_gpu = self.accelerator.device.type == "cuda"
        machinery = {
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "scaler": scaler.state_dict() if scaler else None,
            "random": self.random.get_state(),
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if on_gpu else [],
        }
        return Checkpoint(self.step, self.learners.state(), machinery, identity)

    def resume(self, checkpoint: Checkpoint, curve: Curve) -> None:
        """Go on from a checkpoint."""
        import torch

        self.learners.restore(checkpoint.layers)
        self.optimizer.load_state_dict(checkpoint.machinery["optimizer"])
        self.schedule.load_state_dict(checkpoint.machinery["schedule"])
        if self.accelerator.scaler and checkpoint.machinery["scaler"]:
            self.accelerator.scaler.load_state_dict(checkpoint.machinery["scaler"])
        self.random.set_state(checkpoint.machinery["random"])
        torch.set_rng_state(checkpoint.machinery["torch"])
        if checkpoint.machinery["cuda"]:
            torch.cuda.set_rng_state_all(checkpoint.machinery["cuda"])
        self.step, self.curve = checkpoint.step, curve

    def _update(self) -> float:
        """Do one update of the weights; return the mean loss of its batches."""
        recipe, total = self.recipe, 0.0
        weights = self.learners.all_weights()
        self.learners.train()
        for part in range(recipe.accumulate):
            with self.accelerator.accumulate(*self.learners.models.values()):
                with self.accelerator.autocast():
                    loss = self._loss(self.step * recipe.accumulate + part)
                self.accelerator.backward(loss)
                if self.accelerator.sync_gradients:
                    self.accelerator.clip_grad_norm_(weights, recipe.clip)
                self.optimizer.step()
                self.schedule.step()
                self.optimizer.zero_grad(set_to_none=True)
                total += float(loss.detach())
        if not math.isfinite(total):
            raise _diverged(self.step)
        return total / recipe.accumulate

    def _loss(self, number: int) -> torch.Tensor:
        import torch

        pictures, captions = self.lessons.learned
        batch = self.order.at(number)
        chosen = [pictures[at] for at in batch]
        shape = (len(batch), *chosen[0].mean.shape)
        dropped = torch.rand(len(batch), generator=self.random) < self.recipe.caption_dropout
        texts = [
            self.readers.read("" if left else captions[at])
            for at, left in zip(batch, dropped.tolist(), strict=True)
        ]
        steps = self.objective.noising.config.num_train_timesteps
        return self.objective.loss(
            chosen, texts,
            noise=torch.randn(shape, generator=self.random),
            sampled=torch.randn(shape, generator=self.random),
            times=torch.randint(steps, (len(batch),), generator=self.random),
        )  # fmt: skip

    def _look(self, sample: Sampler) -> None:
        """Measure on as many seen pictures as are held out, and draw the samples."""
        self.learners.rest()
        held = self._measure(*self.lessons.held_out)
        (pictures, captions), count = self.lessons.learned, len(self.lessons.held_out[0])
        seen = self._measure(pictures[:count], captions[:count])
        at = self.curve.rows[-1] if self.curve.rows else Row(self.step)
        self.curve.rows[-1:] = [Row(at.step, at.loss, at.rate, seen, held)]
        sample(self.step)

    def _measure(self, pictures: Sequence[Picture], captions: Sequence[str]) -> float | None:
        import torch

        if not pictures:
            return None
        with self.accelerator.autocast(), torch.no_grad():
            texts = [self.readers.read(caption) for caption in captions]
            return self.objective.measure(pictures, texts, seed=self.recipe.seed)

    def _machinery(self) -> tuple[Any, Any]:
        from diffusers.optimization import get_scheduler

        recipe = self.recipe
        groups = [
            {
                "params": self.learners.weights(part),
                "lr": recipe.rate if part == "unet" else recipe.text_rate,
            }
            for part in self.learners.models
        ]
        optimizer = _optimizer(recipe)(groups, weight_decay=recipe.weight_decay)
        name = "constant_with_warmup" if recipe.schedule == "constant" else "cosine"
        schedule = get_scheduler(
            name, optimizer, num_warmup_steps=recipe.warmup, num_training_steps=recipe.steps
        )
        prepared: tuple[Any, Any] = self.accelerator.prepare(optimizer, schedule)
        return prepared


def _diverged(step: int) -> MapsiError:
    return MapsiError(
        f"the loss is no number after step {step}; lower --rate, or use --precision bf16 or no",
        text_ko=f"{step}스텝 뒤 손실이 수가 아닙니다. --rate를 낮추거나 --precision bf16 또는 "
        "no를 쓰세요",
        reason="diverged",
    )


def _optimizer(recipe: Recipe) -> Any:
    import torch

    if recipe.optimizer == "adamw":
        return torch.optim.AdamW
    try:
        from bitsandbytes.optim import AdamW8bit
    except ImportError as error:
        raise UsageError(
            "8-bit Adam needs bitsandbytes; pip install bitsandbytes, or use --optimizer adamw",
            text_ko="8비트 Adam에는 bitsandbytes가 필요합니다. pip install bitsandbytes 또는 "
            "--optimizer adamw",
            reason="no_bitsandbytes",
        ) from error
    return AdamW8bit
