"""The networks, in torch: a ResNet18, its teacher, and what is shipped: two networks side by side.

The shipped graph takes pixels as they are, so that nobody can normalise them otherwise:
uint8 RGB ``(batch, side, side, 3)`` in, ``side`` a multiple of 64; the fashion logit ``(batch,)``
and the L2-normalised embedding ``(batch, 512)`` out, both float32.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import mobilenet_v2, resnet18

from services.classification.domain import EMBEDDING_SIZE
from shared.imagenet import mobilenet_v2_weights

_MEAN: Final = (123.675, 116.28, 103.53)
_STD: Final = (58.395, 57.12, 57.375)
TEACHER_STAGES: Final = {3: 24, 6: 32, 13: 96, 18: 1280}
"""MobileNetV2's feature layers at strides 4, 8, 16 and 32, and their channels."""
WIDE_FEATURES: Final = 1280
"""What EfficientNet-lite0 ends in."""
SERVED_FEATURES: Final = EMBEDDING_SIZE + WIDE_FEATURES
_STUDENT_CHANNELS: Final = (64, 128, 256, 512)


class _Pixels(nn.Module):
    """uint8 RGB pixels, channels last, to ImageNet-normalised planes."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(_MEAN))
        self.register_buffer("std", torch.tensor(_STD))

    def forward(self, pixels: Tensor) -> Tensor:
        return ((pixels.float() - self.mean) / self.std).permute(0, 3, 1, 2)


class FashionNet(nn.Module):
    """torchvision's ResNet18 with one logit for "this is fashion"."""

    def __init__(self) -> None:
        super().__init__()
        self.pixels = _Pixels()
        self.trunk = resnet18(weights=None)
        self.trunk.fc = nn.Identity()
        self.head = nn.Linear(EMBEDDING_SIZE, 1)

    def stages(self, pixels: Tensor) -> list[Tensor]:
        """Return the feature maps at strides 4, 8, 16 and 32."""
        return self.maps(self.pixels(pixels))

    def maps(self, planes: Tensor) -> list[Tensor]:
        """Return the same of normalised planes (batch, 3, side, side)."""
        trunk = self.trunk
        flow = trunk.maxpool(trunk.relu(trunk.bn1(trunk.conv1(planes))))
        maps = []
        for layer in (trunk.layer1, trunk.layer2, trunk.layer3, trunk.layer4):
            flow = layer(flow)
            maps.append(flow)
        return maps

    def pooled(self, pixels: Tensor) -> Tensor:
        """Return the pooled features (batch, 512), not normalised: what the head reads."""
        return self.stages(pixels)[-1].float().mean((2, 3))

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        pooled = self.pooled(pixels)
        return self.head(pooled).squeeze(1), functional.normalize(pooled)


class ServedNet(nn.Module):
    """What is shipped: the student, and beside it EfficientNet-lite0 as ImageNet left it.

    One head reads the features of both: EfficientNet knows the million photos of ImageNet, the
    student knows clothes. The student sees the picture at half the size. The embedding is the
    student's.
    """

    def __init__(self, student: FashionNet, weights: Path) -> None:
        super().__init__()
        self.student = student
        self.pixels = _Pixels()
        self.wide = _efficientnet(weights)
        self.head = nn.Linear(SERVED_FEATURES, 1)

    def student_pooled(self, pixels: Tensor) -> Tensor:
        """Return the student's features (batch, 512), not normalised."""
        small = functional.avg_pool2d(pixels.float().permute(0, 3, 1, 2), 2)
        return self.student.maps(self.pixels(small.permute(0, 2, 3, 1)))[-1].mean((2, 3))

    def pooled(self, pixels: Tensor) -> Tensor:
        """Return what the head reads (batch, 512 + 1280): the student's features come first."""
        # As the network's training on ImageNet had it (TensorFlow's own scale).
        planes = ((pixels.float() - 127) / 128).permute(0, 3, 1, 2)
        wide = self.wide.extract_features(planes).mean((2, 3))
        return torch.cat([self.student_pooled(pixels), wide], 1)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        pooled = self.pooled(pixels)
        return self.head(pooled).squeeze(1), functional.normalize(pooled[:, :EMBEDDING_SIZE])


class Teacher(nn.Module):
    """MobileNetV2 with frozen ImageNet weights and a linear probe of its own."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        self.pixels = _Pixels()
        self.features = _mobilenet(weights)
        self.probe = nn.Linear(TEACHER_STAGES[18], 1)

    @torch.no_grad()
    def stages(self, pixels: Tensor) -> list[Tensor]:
        """Return the feature maps at strides 4, 8, 16 and 32."""
        flow = self.pixels(pixels)
        maps = []
        # bfloat16 halves the time where the processor has it; nothing is learned in here.
        with torch.autocast(pixels.device.type, torch.bfloat16):
            for index, layer in enumerate(self.features):
                flow = layer(flow)
                if index in TEACHER_STAGES:
                    maps.append(flow.float())
        return maps

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the probe's logits (batch,)."""
        logits: Tensor = self.probe(self.stages(pixels)[-1].mean((2, 3))).squeeze(1)
        return logits


class Hints(nn.Module):
    """How far the student's maps, seen through linear projections, are from the teacher's."""

    def __init__(self) -> None:
        super().__init__()
        channels = tuple(TEACHER_STAGES.values())
        self.project = nn.ModuleList(
            nn.Conv2d(mine, theirs, 1)
            for mine, theirs in zip(_STUDENT_CHANNELS, channels, strict=True)
        )
        self.standardise = nn.ModuleList(nn.BatchNorm2d(size, affine=False) for size in channels)
        self.project_pooled = nn.Linear(EMBEDDING_SIZE, channels[-1])
        self.standardise_pooled = nn.BatchNorm1d(channels[-1], affine=False)

    def forward(self, student: list[Tensor], teacher: list[Tensor]) -> Tensor:
        distance = torch.zeros((), device=student[0].device)
        for level, (mine, theirs) in enumerate(zip(student, teacher, strict=True)):
            target = functional.adaptive_avg_pool2d(self.standardise[level](theirs), mine.shape[2:])
            distance = distance + functional.mse_loss(self.project[level](mine), target)
        target = self.standardise_pooled(teacher[-1].mean((2, 3)))
        pooled = self.project_pooled(student[-1].mean((2, 3)))
        return distance + functional.mse_loss(pooled, target)


def _mobilenet(weights: Path) -> nn.Module:
    """Return MobileNetV2's frozen layers up to the pooling."""
    network = mobilenet_v2(weights=None)
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return network.features.eval().requires_grad_(requires_grad=False)


def _efficientnet(weights: Path) -> nn.Module:
    """Return EfficientNet-lite0, frozen."""
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    frozen: nn.Module = network.eval().requires_grad_(requires_grad=False)
    return frozen


def load_teacher(checkpoint: Path) -> Teacher:
    """Return the teacher with the probe that a training left in ``checkpoint``."""
    teacher = Teacher(mobilenet_v2_weights())
    teacher.probe.load_state_dict(_part(checkpoint, "probe."))
    return teacher.eval()


def load_student(checkpoint: Path) -> FashionNet:
    """Return the student that a training left in ``checkpoint``."""
    student = FashionNet()
    student.load_state_dict(_part(checkpoint, "student."))
    return student.eval()


def resume(student: FashionNet, teacher: Teacher, checkpoint: Path) -> None:
    """Give student and probe the weights that a training left in ``checkpoint``."""
    student.load_state_dict(_part(checkpoint, "student."))
    teacher.probe.load_state_dict(_part(checkpoint, "probe."))


def _part(checkpoint: Path, prefix: str) -> dict[str, Tensor]:
    tensors = load_file(checkpoint)
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
