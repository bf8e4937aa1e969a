"""The network: MobileNetV2's frozen trunk, statistics of its maps over the garment, a small head.

A pattern is texture: what the maps show on average, how much they vary and their strongest
answer over the garment, at strides 4 to 32, say more about cloth than where things are.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import mobilenet_v2

from services.color.pattern.cutout import CELL
from shared.contracts.vocabulary import PATTERNS

TAPS: Final = {3: 4, 6: 8, 10: 16, 13: 16, 17: 32}
"""Layers of the trunk that are looked at, and their strides."""
FEATURES: Final = 3 * (24 + 32 + 64 + 96 + 320)
HIDDEN: Final = 128
_OPSET: Final = 17
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_INSIDE: Final = 0.7
"""Cells of which less is garment count next to nothing."""


class Trunk(nn.Module):
    """Pixels (n, height, width, 3) uint8 and cover (n, height, width) to (n, FEATURES)."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, weights: Path) -> None:
        super().__init__()
        network = mobilenet_v2(weights=None)
        network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        self.layers = network.features[: max(TAPS) + 1].eval().requires_grad_(requires_grad=False)
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(_DEVIATION).view(1, 3, 1, 1))

    def forward(self, pixels: Tensor, cover: Tensor) -> Tensor:
        flow = (pixels.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.deviation
        found = []
        for index, layer in enumerate(self.layers):
            flow = layer(flow)
            if index in TAPS:
                found += _statistics(flow, functional.avg_pool2d(cover[:, None], TAPS[index]))
        return torch.cat(found, dim=1)


def _statistics(maps: Tensor, cover: Tensor) -> list[Tensor]:
    """Return mean, deviation and highest rise over the mean, (n, channels) each."""
    inside = (cover > _INSIDE).float()
    weight = inside * cover + 1e-4 * cover + 1e-9
    weight = weight / weight.sum((2, 3), keepdim=True)
    mean = (maps * weight).sum((2, 3))
    rise = maps - mean[..., None, None]
    deviation = ((rise**2 * weight).sum((2, 3)) + 1e-8).sqrt()
    return [mean, deviation, (rise * (inside + 1e-3)).amax((2, 3))]


class Head(nn.Module):
    """Features (n, FEATURES) to logits (n, 6); standardised by the training's own figures."""

    center: Tensor
    scale: Tensor

    def __init__(self, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.register_buffer("center", torch.zeros(FEATURES))
        self.register_buffer("scale", torch.ones(FEATURES))
        self.first = nn.Linear(FEATURES, hidden)
        self.last = nn.Linear(hidden, len(PATTERNS))

    def forward(self, features: Tensor) -> Tensor:
        seen = functional.dropout(self.standard(features), 0.2, self.training)
        hidden = functional.dropout(functional.gelu(self.first(seen)), 0.5, self.training)
        logits: Tensor = self.last(hidden)
        return logits

    def standard(self, features: Tensor) -> Tensor:
        return ((features - self.center) / self.scale).clamp(-4, 4)


def joined(heads: Sequence[Head]) -> Head:
    """Return one head whose logits are the mean of those of ``heads``, trained on one scale."""
    whole = Head(hidden=HIDDEN * len(heads))
    whole.center.copy_(heads[0].center)
    whole.scale.copy_(heads[0].scale)
    with torch.no_grad():
        whole.first.weight.copy_(torch.cat([head.first.weight for head in heads]))
        whole.first.bias.copy_(torch.cat([head.first.bias for head in heads]))
        last = torch.cat([head.last.weight for head in heads], dim=1) / len(heads)
        whole.last.weight.copy_(last)
        whole.last.bias.copy_(torch.stack([head.last.bias for head in heads]).mean(0))
    return whole.eval()


class PatternNet(nn.Module):
    """Trunk and head: what is shipped."""

    def __init__(self, trunk: Trunk, head: Head) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head

    def forward(self, pixels: Tensor, cover: Tensor) -> Tensor:
        logits: Tensor = self.head(self.trunk(pixels, cover))
        return logits


def export(network: nn.Module, target: Path, *, output: str) -> None:
    """Write ``network`` (pixels, cover) as ONNX for one garment of any size, in float32."""
    example = (
        torch.zeros((1, 8 * CELL, 8 * CELL, 3), dtype=torch.uint8),
        torch.ones((1, 8 * CELL, 8 * CELL)),
    )
    sides = {1: "height", 2: "width"}
    with warnings.catch_warnings():  # the exporter warns that it is the older of two
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            example,
            str(target),
            input_names=["pixels", "cover"],
            output_names=[output],
            dynamic_axes={"pixels": sides, "cover": sides},
            opset_version=_OPSET,
            dynamo=False,
        )
