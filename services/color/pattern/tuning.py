"""Trains the trunk as well, end to end: what a GPU is for. The head is then fitted as always."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from services.color.pattern.cutout import Cover, Cutout, Photo, cut_out
from services.color.pattern.fitting import targets
from services.color.pattern.network import Head, Trunk
from services.color.pattern.samples import Sample, read_samples
from services.color.pattern.views import changed

BATCH: Final = 32
FIRST: Final = 4
"""Layers of the trunk before it see edges and colours, as any trunk does: they stay."""
RATE: Final = 2e-4
HEAD_RATE: Final = 2e-3
_DECAY: Final = 1e-2
_CHANGED: Final = 0.8
"""Part of what is shown that is a changed view."""
_FIRST_LOOKS: Final = 8
"""Batches by which the head learns the features' scale."""

Item = tuple[Cutout, int]
Batch = tuple[Tensor, Tensor, Tensor, Tensor]
"""Pixels (n, height, width, 3), cover (n, height, width), smoothed labels (n, 6), weights (n,)."""


@dataclass(frozen=True)
class Recipe:
    """How long, where, and with how many processes that read photos."""

    epochs: int
    device: str = "cpu"
    workers: int = 0
    seed: int = 0


def tune(
    network: Trunk,
    samples: Sequence[Sample],
    *,
    data: Path,
    masks: Path,
    recipe: Recipe,
    tell: Callable[[str], None],
) -> None:
    """Train the trunk's layers from ``FIRST`` on, in place, on views of the samples' photos."""
    torch.manual_seed(recipe.seed)
    shown = Views(samples, data, masks)
    loader = DataLoader(
        shown, BATCH, shuffle=True, num_workers=recipe.workers, collate_fn=shown.together
    )
    network.layers[FIRST:].requires_grad_()
    head = _first_head(network, loader)
    both = nn.ModuleList([network, head]).to(recipe.device)
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in network.parameters() if p.requires_grad], "lr": RATE},
            {"params": head.parameters(), "lr": HEAD_RATE},
        ],
        weight_decay=_DECAY,
    )
    course = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [RATE, HEAD_RATE], total_steps=recipe.epochs * len(loader)
    )
    head.train()  # the trunk's batch norms keep ImageNet's statistics
    for epoch in range(recipe.epochs):
        losses = [_step(network, head, batch, optimizer, course) for batch in loader if batch]
        tell(f"trunk, pass {epoch + 1}/{recipe.epochs}: loss {np.mean(losses):.3f}")
    both.cpu().requires_grad_(requires_grad=False).eval()


def _step(
    network: Trunk,
    head: Head,
    batch: Batch,
    optimizer: torch.optim.Optimizer,
    course: torch.optim.lr_scheduler.LRScheduler,
) -> float:
    pixels, cover, target, weight = (part.to(head.center.device) for part in batch)
    surprise = -(target * head(network(pixels, cover)).log_softmax(1)).sum(1)
    loss = (surprise * weight).mean()
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 5)
    optimizer.step()
    course.step()
    return loss.item()


@torch.no_grad()
def _first_head(network: Trunk, loader: DataLoader[Item | None]) -> Head:
    """Return a head that knows the features' centre and scale."""
    looks = (batch for _, batch in zip(range(_FIRST_LOOKS), loader, strict=False) if batch)
    seen = torch.cat([network(pixels, cover) for pixels, cover, *_ in looks])
    head = Head()
    head.center.copy_(seen.mean(0))
    head.scale.copy_(seen.std(0, correction=0) + 1e-3)
    return head


class Views(Dataset[Item | None]):
    """A view of each garment, another one every time; None where it has no mask or is small."""

    def __init__(self, samples: Sequence[Sample], data: Path, masks: Path) -> None:
        self._samples, self._data, self._masks = list(samples), data, masks
        labels = np.array([sample.label for sample in samples])
        doubtful = np.array([sample.doubtful for sample in samples])
        self._target, self._weight = targets(labels, doubtful)

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> Item | None:
        sample = self._samples[index]
        found = next(read_samples(self._data, self._masks, [sample]), None)
        if found is None:
            return None
        _, photo, mask = found
        dice = np.random.default_rng(int(torch.randint(2**31, ())))
        if dice.random() < _CHANGED:
            photo, mask = changed(photo, mask, dice)
        view = cut_out(photo, mask)
        return None if view is None else (view, index)

    def together(self, items: Sequence[Item | None]) -> Batch | None:
        """Return a batch; garments of other shapes are padded with what covers nothing."""
        here = [item for item in items if item]
        if not here:
            return None
        sides = np.max([view.cover.shape for view, _ in here], axis=0)
        pixels, cover = zip(*(_padded(view, sides) for view, _ in here), strict=True)
        rows = [index for _, index in here]
        return (
            torch.from_numpy(np.stack(pixels)),
            torch.from_numpy(np.stack(cover)),
            self._target[rows],
            self._weight[rows],
        )


def _padded(view: Cutout, sides: Sequence[int]) -> tuple[Photo, Cover]:
    """Return pixels and cover of ``sides`` (height, width), the garment in the upper left."""
    below, beside = (side - own for side, own in zip(sides, view.cover.shape, strict=True))
    pixels = np.pad(view.pixels, ((0, below), (0, beside), (0, 0)), mode="edge")
    return pixels, np.pad(view.cover, ((0, below), (0, beside)))
