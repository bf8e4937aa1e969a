"""Finding faces: CenterFace (arXiv 1911.03599) through ONNX Runtime, on the CPU.

Recall is what matters: a face that is missed is shown, a wall that is blurred harms nobody. So
the threshold is low, and small faces of passers-by are taken, too.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.faces.weights import face_card, read_weights
from shared.imaging import Pixels

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels of the upright photo."""

Point = tuple[float, float]
"""x, y in pixels of the upright photo."""

THRESHOLD: Final = 0.2
SIDE: Final = 640
"""The longer side of what the network sees; faces from about 8 pixels there are found."""
_MULTIPLE: Final = 32
_STRIDE: Final = 4
_OVERLAP: Final = 0.3

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Face:
    """One face: where it is, and where its features are."""

    box: Box
    score: float
    """How sure the network is, ``THRESHOLD`` to 1."""
    eyes: tuple[Point, Point]
    """The left one in the photo first."""
    nose: Point
    mouth: tuple[Point, Point]
    """Its corners, the left one in the photo first."""


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
        self.card = face_card()
        self._lock = threading.Lock()
        self._session: Any = None

    @property
    def version(self) -> str:
        sha256 = self.card.files["onnx"].sha256
        return f"{self.card.name}-{self.card.version}-{sha256[:8]}-{SIDE}-{THRESHOLD:.2f}"

    def load(self) -> Any:
        """Make ready; a second call does nothing. RetryableError where there are no weights."""
        with self._lock:
            if self._session is None:
                self._session = self._open()
            return self._session

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        return tuple(face.box for face in self.faces(pixels))

    def faces(self, pixels: Pixels) -> tuple[Face, ...]:
        """Return the faces in (height, width, 3) uint8 RGB with their features, surest first."""
        session = self.load()
        height, width = pixels.shape[:2]
        shape = _input_shape(height, width)
        small = Image.fromarray(pixels).resize(
            (shape[1], shape[0]), Image.Resampling.BILINEAR, reducing_gap=2.0
        )
        photo = np.asarray(small, np.float32).transpose(2, 0, 1)[None]
        heat, scale, offset, features = (
            one[0] for one in session.run(["537", "538", "539", "540"], {"input.1": photo})
        )
        boxes, scores, points = _decode(heat[0], scale, offset, features)
        stretch = np.array([width / shape[1], height / shape[0]], np.float32)
        boxes, points = boxes * np.tile(stretch, 2), points * stretch
        return tuple(
            _face(boxes[number], scores[number], points[number])
            for number in _distinct(boxes, scores)
        )

    def _open(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        # An arena would keep the memory of the largest photo for good.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        content = read_weights(self.card)
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _input_shape(height: int, width: int) -> tuple[int, int]:
    scale = SIDE / max(height, width)
    rows, columns = (
        max(_MULTIPLE, round(side * scale / _MULTIPLE) * _MULTIPLE) for side in (height, width)
    )
    return rows, columns


def _decode(
    heat: Floats, scale: Floats, offset: Floats, features: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return boxes (n, 4), scores and features (n, 5, 2) at the network's size, surest first."""
    rows, columns = np.nonzero(heat > THRESHOLD)
    height, width = np.exp(scale[:, rows, columns]) * _STRIDE
    y = (rows + offset[0, rows, columns] + 0.5) * _STRIDE
    x = (columns + offset[1, rows, columns] + 0.5) * _STRIDE
    boxes = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    # Five times y and x from the box's upper left corner, as parts of its height and width.
    places = features[:, rows, columns].T.reshape(-1, 5, 2)[..., ::-1]
    points = boxes[:, None, :2] + places * np.stack([width, height], axis=1)[:, None]
    scores = heat[rows, columns]
    order = np.argsort(-scores, kind="stable")
    return boxes[order].astype(np.float32), scores[order], points[order].astype(np.float32)


def _face(box: Floats, score: float, points: Floats) -> Face:
    x0, y0, x1, y1 = (float(value) for value in box)
    left, right, nose, left_corner, right_corner = ((float(x), float(y)) for x, y in points)
    return Face((x0, y0, x1, y1), float(score), (left, right), nose, (left_corner, right_corner))


def _distinct(boxes: Floats, scores: Floats) -> list[int]:
    """Return which boxes overlap no surer one (greedy non-maximum suppression)."""
    kept: list[int] = []
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for number in range(len(scores)):
        low = np.maximum(boxes[kept, :2], boxes[number, :2])
        high = np.minimum(boxes[kept, 2:], boxes[number, 2:])
        shared = np.clip(high - low, 0, None).prod(axis=1)
        if not np.any(shared > _OVERLAP * (areas[kept] + areas[number] - shared)):
            kept.append(number)
    return kept
