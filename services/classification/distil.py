"""Distil MobileNetV2 into the ResNet18 that is shipped.

    photos ─▶ augmented batches ─▶ teacher (frozen, linear probe learns along)
                              └──▶ student ─▶ labels + teacher's odds + teacher's feature maps

There are few thousand photos and no ImageNet weights of a ResNet18: the teacher's maps at four
depths give each of the student's layers thousands of targets a photo, where a label gives one.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from services.classification.augment import augment
from services.classification.dataset import Photo, Pools
from services.classification.net import FashionNet, Hints, Teacher, resume
from services.classification.pages import draw_page

_WARMUP: Final = 60
_EMA: Final = 0.99
_HINTS_ALONE: Final = 40
"""Steps in which only the projections learn, where the student has already learned."""

Report = Callable[[float, int, float], None]
"""Hears the share that is done, the step and the label loss."""


@dataclass(frozen=True)
class Recipe:
    """How long and how the student learns."""

    minutes: float
    side: int = 96
    """What the teacher always sees, and the student in the end."""
    small_scale: float = 2 / 3
    """Of that side, what the student sees at first: half the work a photo."""
    small_share: float = 0.5
    batch: int = 32
    rate: float = 1.5e-3
    seed: int = 0
    start: Path | None = None
    """A checkpoint of an earlier training to go on from."""
    device: str = "cpu"
    workers: int = 0
    """Processes that prepare batches; 0: this one does."""


def batches(pools: Pools, recipe: Recipe) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield pixels (batch, side, side, 3) uint8 and labels (batch,), 1 = fashion, without end.

    Half of a batch is fashion, however few the others are: a classifier that learns from the
    plain mix calls everything fashion.
    """
    random = np.random.default_rng(recipe.seed)
    while True:
        photos, labels = [], []
        for place in range(recipe.batch):
            fashion = place % 2 == 0
            photos.append(augment(_draw(pools, random, fashion), recipe.side, random))
            labels.append(float(fashion))
        yield torch.from_numpy(np.stack(photos)), torch.tensor(labels)


class _Batches(IterableDataset[tuple[Tensor, Tensor]]):
    """The batches of one of the workers: each draws its own."""

    def __init__(self, pools: Pools, recipe: Recipe) -> None:
        self._pools, self._recipe = pools, recipe

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        worker = get_worker_info()
        seed = self._recipe.seed + (worker.id if worker else 0)
        return batches(self._pools, replace(self._recipe, seed=seed))


def _draw(pools: Pools, random: np.random.Generator, fashion: bool) -> Photo:
    lot = random.random()
    if fashion:
        pool = pools.street if lot < 0.45 else pools.garment
    elif lot < 0.08:
        return draw_page(160, random)
    else:
        pool = pools.patches if lot < 0.22 and pools.patches else pools.negative
    return pool[int(random.integers(len(pool)))]


def distil(
    pools: Pools, teacher: Teacher, *, recipe: Recipe, checkpoint: Path, report: Report
) -> tuple[FashionNet, Teacher]:
    """Return the student (its running average) and the teacher with a trained probe.

    Writes the student to ``checkpoint`` once a minute: a run that is cut short is not lost.
    """
    torch.manual_seed(recipe.seed)
    student, hints = FashionNet(), Hints()
    alone = 0
    if recipe.start:
        resume(student, teacher, recipe.start)
        alone = _HINTS_ALONE
    student.to(recipe.device, memory_format=torch.channels_last)
    average = copy.deepcopy(student).eval()
    learned = nn.ModuleList([student, hints, teacher]).to(recipe.device)
    trained = [weights for weights in learned.parameters() if weights.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=recipe.rate, weight_decay=0.02)
    stream = DataLoader(_Batches(pools, recipe), batch_size=None, num_workers=recipe.workers)
    start = saved = time.monotonic()
    for step, batch in enumerate(stream):
        pixels, labels = (part.to(recipe.device) for part in batch)
        done = (time.monotonic() - start) / (recipe.minutes * 60)
        if done >= 1:
            break
        rate = recipe.rate * min(1.0, (step + 1) / _WARMUP) * (1 - done) ** 0.5
        for group in optimizer.param_groups:
            group["lr"] = rate
        student.requires_grad_(step >= alone)
        seen = (
            _shrink(pixels, round(recipe.side * recipe.small_scale))
            if done < recipe.small_share
            else pixels
        )
        trust = 0.5 if recipe.start else min(0.5, step / 600)
        losses = _losses((student, teacher, hints), (pixels, seen, labels), trust=trust)
        optimizer.zero_grad()
        sum(losses).backward()
        nn.utils.clip_grad_norm_(student.parameters(), 5.0)
        optimizer.step()
        _blend(average, student, keep=min(_EMA, (step + 1) / (step + 10)))
        if step % 20 == 0:
            report(done, step, float(losses[0].detach()))
        if time.monotonic() - saved > 60:
            saved = time.monotonic()
            save(average, teacher, checkpoint)
    save(average, teacher, checkpoint)
    return average.cpu(), teacher.cpu()


def save(student: FashionNet, teacher: Teacher, checkpoint: Path) -> None:
    """Write the student and the teacher's probe as one safetensors file."""
    tensors = {f"student.{name}": value for name, value in student.state_dict().items()}
    tensors |= {f"probe.{name}": value for name, value in teacher.probe.state_dict().items()}
    save_file({name: value.contiguous() for name, value in tensors.items()}, checkpoint)


def _losses(
    networks: tuple[FashionNet, Teacher, Hints],
    batch: tuple[Tensor, Tensor, Tensor],
    *,
    trust: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the student's label loss, its distance from the teacher, and the probe's loss.

    ``trust`` (0 to 1) is the weight of the teacher's odds in the student's target.
    """
    (student, teacher, hints), (pixels, small, labels) = networks, batch
    maps = teacher.stages(pixels)
    odds = teacher.probe(maps[-1].mean((2, 3))).squeeze(1)
    probe_loss = functional.binary_cross_entropy_with_logits(odds, labels)
    seen = student.stages(small)
    logits = student.head(seen[-1].mean((2, 3))).squeeze(1)
    target = (1 - trust) * labels + trust * odds.detach().sigmoid()
    label_loss = functional.binary_cross_entropy_with_logits(logits, target)
    return label_loss * 2, hints(seen, maps), probe_loss


def _shrink(pixels: Tensor, side: int) -> Tensor:
    planes = pixels.permute(0, 3, 1, 2).float()
    small = functional.interpolate(planes, size=(side, side), mode="bilinear", antialias=True)
    return small.permute(0, 2, 3, 1)


@torch.no_grad()
def _blend(average: nn.Module, student: nn.Module, *, keep: float) -> None:
    for old, new in zip(average.state_dict().values(), student.state_dict().values(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, 1 - keep)
        else:
            old.copy_(new)
