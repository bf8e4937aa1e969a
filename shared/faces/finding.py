"""Finding faces: CenterFace (arXiv 1911.03599) through ONNX Runtime, on the CPU.

Recall is what matters: a face that is missed is shown, a wall that is blurred harms nobody. So
the threshold is low, and small faces of passers-by are taken, too.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.imaging import Pixels
from shared.weights import ModelCard, read_metadata, verified

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels of the upright photo."""

THRESHOLD: Final = 0.2
SIDE: Final = 640
"""The longer side of what the network sees; faces from about 8 pixels there are found."""
_MULTIPLE: Final = 32
_STRIDE: Final = 4
_OVERLAP: Final = 0.3
_REINSTALL: Final = "MAPSI_GATEWAY_BLUR_FACES"

Floats = NDArray[np.float32]


class Finder(Protocol):
    """Finds faces in photos."""

    @property
    def version(self) -> str:
        """Names what found them: another version may find others."""

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Return the faces in (height, width, 3) uint8 RGB, the surest first."""


@cache
def open_finder() -> FaceFinder:
    """Return this process's finder; nothing is loaded before its first photo."""
    return FaceFinder()


class FaceFinder:
    """CenterFace; one session, used by any thread."""

    def __init__(self) -> None:
        self.card = read_metadata(
            Path(__file__).with_name("centerface.toml"), ModelCard, setting=_REINSTALL
        )
        self._lock = threading.Lock()
        self._session: Any = None

    @property
    def version(self) -> str:
        sha256 = self.card.files["onnx"].sha256
        return f"{self.card.name}-{self.card.version}-{sha256[:8]}-{SIDE}-{THRESHOLD:.2f}"

    def load(self) -> Any:
        """Make ready; a second call does nothing. PermanentError where the weights are not ours."""
        with self._lock:
            if self._session is None:
                self._session = self._open()
            return self._session

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        session = self.load()
        height, width = pixels.shape[:2]
        shape = _input_shape(height, width)
        small = Image.fromarray(pixels).resize(
            (shape[1], shape[0]), Image.Resampling.BILINEAR, reducing_gap=2.0
        )
        photo = np.asarray(small, np.float32).transpose(2, 0, 1)[None]
        heat, scale, offset = session.run(["537", "538", "539"], {"input.1": photo})
        boxes, scores = _decode(heat[0, 0], scale[0], offset[0])
        across, down = width / shape[1], height / shape[0]
        boxes *= np.array([across, down, across, down], np.float32)
        return _distinct(boxes, scores)

    def _open(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        # An arena would keep the memory of the largest photo for good.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        content = self.weights()
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def weights(self) -> bytes:
        """Return the weights; PermanentError where they are not those described."""
        file = self.card.files["onnx"]
        path = self.card.folder / file.file
        return verified(path, file.sha256, named_in="centerface.toml", setting=_REINSTALL)


def _input_shape(height: int, width: int) -> tuple[int, int]:
    scale = SIDE / max(height, width)
    rows, columns = (
        max(_MULTIPLE, round(side * scale / _MULTIPLE) * _MULTIPLE) for side in (height, width)
    )
    return rows, columns


def _decode(heat: Floats, scale: Floats, offset: Floats) -> tuple[Floats, Floats]:
    """Return boxes (n, 4) at the network's size and their scores, the surest first."""
    rows, columns = np.nonzero(heat > THRESHOLD)
    height, width = np.exp(scale[:, rows, columns]) * _STRIDE
    y = (rows + offset[0, rows, columns] + 0.5) * _STRIDE
    x = (columns + offset[1, rows, columns] + 0.5) * _STRIDE
    boxes = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    scores = heat[rows, columns]
    order = np.argsort(-scores, kind="stable")
    return boxes[order].astype(np.float32), scores[order]


def _distinct(boxes: Floats, scores: Floats) -> tuple[Box, ...]:
    """Drop what overlaps a surer box (greedy non-maximum suppression)."""
    kept: list[int] = []
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for number in range(len(scores)):
        low = np.maximum(boxes[kept, :2], boxes[number, :2])
        high = np.minimum(boxes[kept, 2:], boxes[number, 2:])
        shared = np.clip(high - low, 0, None).prod(axis=1)
        if not np.any(shared > _OVERLAP * (areas[kept] + areas[number] - shared)):
            kept.append(number)
    return tuple((float(x0), float(y0), float(x1), float(y1)) for x0, y0, x1, y1 in boxes[kept])
