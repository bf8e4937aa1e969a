"""The second stage in torch: for the mmdet engine, on a GPU or for comparison."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load

from services.segmentation.second_stage.net import SecondStageNet

Floats = NDArray[np.float32]


class TorchSecondStage:
    """The same network as ``OnnxSecondStage``, from the safetensors file."""

    def __init__(self, weights: bytes, *, device: str) -> None:
        self._device = device
        self._network = SecondStageNet()
        self._network.load_state_dict({key: value.float() for key, value in load(weights).items()})
        self._network.eval().to(device)

    def judge(
        self, squares: NDArray[np.uint8], masks: NDArray[np.uint8], places: Floats
    ) -> tuple[Floats, Floats]:
        """Return (n, 13) probabilities and (n,) expected IoUs of what ``view`` shows."""
        inputs = (torch.from_numpy(array).to(self._device) for array in (squares, masks, places))
        with torch.inference_mode():
            probabilities, ious = self._network(*inputs)
        return probabilities.float().cpu().numpy(), ious.float().cpu().numpy()
