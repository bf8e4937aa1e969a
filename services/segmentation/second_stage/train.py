"""Trains the second stage on what the trained detector draws; ``mapsi train segmenter`` ends so."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from services.segmentation.second_stage.model import look_closer
from services.segmentation.second_stage.net import SecondStageNet, export_onnx, load_imagenet
from services.segmentation.second_stage.rescoring import FAMILY_INDEX, FAMILY_NAMES
from services.segmentation.second_stage.samples import (
    IS_GARMENT,
    Sample,
    Sampler,
)
from services.segmentation.second_stage.scenes import Scene, mask_of

BATCH: Final = 32
RATE: Final = 5e-4
GOING_ON: Final = 0.5
"""The learning rate of a second stage that was trained before, as a share of ``RATE``."""
WARM: Final = 50
"""Steps until the full learning rate."""
IMAGENET_RATE: Final = 0.35
"""The pretrained layers' learning rate, as a share of the new layers' 1.6."""
NEW_RATE: Final = 1.6
LABEL_SMOOTHING: Final = 0.1
CHECKED_EVERY: Final = 100

Tell = Callable[[str], None]


def train_second_stage(
    scenes: Sequence[Scene],
    val: Sequence[Scene],
    out: Path,
    *,
    steps: int,
    init: Path | None = None,
    device: str = "cpu",
    seed: int = 7,
    tell: Tell,
) -> None:
    """Write ``second_stage.{onnx,safetensors}`` into ``out``: the moving average that does best.

    Best: the least log loss of the family on ``val``; where ``val`` shows no garment, the last.
    """
    torch.manual_seed(seed)
    network = load(init) if init else SecondStageNet()
    if init is None:
        load_imagenet(network)
    network.to(device)
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(_groups(network), lr=RATE, weight_decay=0.05)
    sampler, best = Sampler(scenes, seed=seed), math.inf
    rate = RATE * (GOING_ON if init else 1)
    for step, samples in zip(range(1, steps + 1), sampler.batches(BATCH), strict=False):
        for group in optimiser.param_groups:
            group["lr"] = rate * group["share"] * _course(step, steps)
        network.train()
        loss = loss_of(network, samples)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5)
        optimiser.step()
        _follow(average, network, momentum=min(0.995, step / (step + 20)))
        if step % CHECKED_EVERY == 0 or step == steps:
            log_loss, accuracy = check(average, val)
            tell(f"second stage, step {step}/{steps}: loss {loss.item():.2f}, "
                 f"val family accuracy {accuracy:.3f}, log loss {log_loss:.3f}")  # fmt: skip
            if math.isnan(log_loss) or log_loss < best:
                best = log_loss
                save(average, out)


def _groups(network: SecondStageNet) -> list[dict[str, object]]:
    pretrained = [*network.middle.parameters(), *network.late.parameters()]
    pretrained += network.last.parameters()
    new = [*network.mask_in.parameters(), *network.place.parameters()]
    new += network.head.parameters()
    return [
        {"params": pretrained, "share": IMAGENET_RATE},
        {"params": new, "share": NEW_RATE},
    ]


def _course(step: int, steps: int) -> float:
    warm = min(1.0, step / min(WARM, steps))
    return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


@torch.no_grad()
def _follow(average: SecondStageNet, network: SecondStageNet, *, momentum: float) -> None:
    pairs = zip(average.state_dict().values(), network.state_dict().values(), strict=True)
    for mean, value in pairs:
        if mean.is_floating_point():
            mean.lerp_(value, 1 - momentum)


def loss_of(network: SecondStageNet, samples: Sequence[Sample]) -> Tensor:
    """Return the loss of a batch: family, category, expected IoU, and what tags allow."""
    inputs = [
        np.stack([sample.square for sample in samples]),
        np.stack([sample.mask for sample in samples]),
        np.stack([sample.place for sample in samples]),
    ]
    # What is compared with the labels is a few hundred numbers: back to where those are.
    classes, iou_logits = (answer.cpu() for answer in network.logits(*_beside(network, inputs)))
    categories = classes.log_softmax(dim=1)
    families = by_family(categories)
    truth = torch.tensor([sample.category for sample in samples])
    ious = torch.tensor([sample.iou for sample in samples], dtype=torch.float32)
    sleeved = torch.tensor([sample.sleeve_known for sample in samples]) & (truth >= 0)
    loss = torch.zeros(())
    if (known := truth >= 0).any():
        family = torch.from_numpy(FAMILY_INDEX)[truth[known]]
        smooth = -families[known].mean()
        hard = functional.nll_loss(families[known], family)
        loss = loss + (1 - LABEL_SMOOTHING) * hard + LABEL_SMOOTHING * smooth
    if sleeved.any():
        loss = loss + 0.4 * functional.nll_loss(categories[sleeved], truth[sleeved])
    if (measured := ious >= 0).any():
        loss = loss + 0.7 * functional.binary_cross_entropy_with_logits(
            iou_logits[measured], ious[measured]
        )
    return loss + 0.5 * _against_tags(families, samples)


def _beside(network: SecondStageNet, arrays: Sequence[NDArray[Any]]) -> list[Tensor]:
    """Return arrays as tensors on the network's device."""
    return [torch.from_numpy(array).to(network.mean.device) for array in arrays]


def _against_tags(families: Tensor, samples: Sequence[Sample]) -> Tensor:
    """A tagged photo's garment is one of the families named: their joint probability."""
    losses = [
        -torch.logsumexp(row[sorted(sample.families)], dim=0)
        for row, sample in zip(families, samples, strict=True)
        if sample.families
    ]
    return torch.stack(losses).mean() if losses else torch.zeros(())


def by_family(log_probabilities: Tensor) -> Tensor:
    """Return log probabilities of the six families (n, 6) from the categories' (n, 13)."""
    columns = [
        torch.logsumexp(log_probabilities[:, np.flatnonzero(family == FAMILY_INDEX)], dim=1)
        for family in range(len(FAMILY_NAMES))
    ]
    return torch.stack(columns, dim=1)


@torch.inference_mode()
def check(network: SecondStageNet, val: Sequence[Scene]) -> tuple[float, float]:
    """Return log loss and accuracy of the family over the candidates that are garments."""
    network.eval()
    losses: list[float] = []
    right: list[bool] = []
    for scene in val:
        chosen = np.flatnonzero(scene.best() >= IS_GARMENT)
        if not len(chosen):
            continue
        masks = [mask_of(code) for code in scene.candidates]
        views = look_closer(scene.image(), masks, scene.detected.max(axis=1))
        inputs = [np.asarray(array[chosen]) for array in views]
        probabilities = network(*_beside(network, inputs))[0].cpu()
        truths = [scene.truths[int(scene.overlaps[i].argmax())].category for i in chosen]
        families = by_family(probabilities.clamp(min=1e-6).log())
        for row, truth in zip(families, FAMILY_INDEX[truths], strict=True):
            losses.append(-float(row[truth]))
            right.append(int(row.argmax()) == truth)
    if not losses:
        return math.nan, math.nan
    return float(np.mean(losses)), float(np.mean(right))


def load(file: Path) -> SecondStageNet:
    """Return the network that ``save`` wrote as safetensors."""
    network = SecondStageNet()
    network.load_state_dict({key: value.float() for key, value in load_file(file).items()})
    return network


def save(network: SecondStageNet, out: Path) -> None:
    """Write ``second_stage.safetensors``, floats as 16 bits, and ``second_stage.onnx``."""
    network = copy.deepcopy(network).cpu()  # it may go on learning on a GPU
    tensors = {
        key: (value.half() if value.is_floating_point() else value).contiguous().clone()
        for key, value in network.state_dict().items()
    }
    save_file(tensors, out / "second_stage.safetensors")
    export_onnx(network, out / "second_stage.onnx")
