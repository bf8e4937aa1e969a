"""The engines: photos in, garments out. Heavy imports happen in ``load`` only."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.segmentation import domain
from services.segmentation.finding import examine, find_garments
from services.segmentation.metadata import Metadata, read_metadata
from services.segmentation.second_stage.model import OnnxSecondStage, SecondStage
from services.segmentation.settings import SegmentationSettings
from shared.contracts.garments import Garment
from shared.contracts.message import ModelRef
from shared.weights import WeightsFile

Pixels = NDArray[np.uint8]
PADDING: Final = 114
"""Gray of the input outside the photo, as in training."""


class Segmenter(Protocol):
    """Cuts garments out of photos."""

    @property
    def reference(self) -> ModelRef:
        """Name, version and sha256 of the weights."""

    @property
    def threshold(self) -> float:
        """The score from which a garment is reported."""

    @property
    def batch_size(self) -> int:
        """How many photos are worth giving to ``predict`` at once."""

    def load(self) -> None:
        """Make ready to predict; a second call does nothing."""

    def predict(self, photos: Sequence[Pixels]) -> list[tuple[Garment, ...]]:
        """Return each photo's garments, best first. Photos: (height, width, 3) uint8 RGB."""

    def examine(self, photo: Pixels) -> tuple[tuple[Garment, ...], tuple[Garment, ...]]:
        """Return the garments of one photo, and each mask as whatever it may be (``finding.py``).

        An engine that knows no more than the garments returns them twice.
        """


def open_segmenter(settings: SegmentationSettings) -> Segmenter:
    """Return the engine of the settings, not loaded yet.

    Raises PermanentError where ``segmenter.toml`` is missing or incomplete.
    """
    if settings.engine == "fake":
        return FakeSegmenter()
    metadata = read_metadata(settings.weights)
    if settings.engine == "mmdet":
        from services.segmentation.mmdet_engine import MmdetSegmenter

        return MmdetSegmenter(metadata, settings)
    return OnnxSegmenter(metadata, settings)


class OnnxSegmenter:
    """RTMDet-Ins through ONNX Runtime on the CPU: no torch, no compiler."""

    batch_size = 1  # a core is busy with one photo

    def __init__(self, metadata: Metadata, settings: SegmentationSettings) -> None:
        self._metadata = metadata
        self._weights = metadata.served_by("onnx")
        self._threads = settings.threads
        self.rules = metadata.rules(threshold=settings.threshold)
        self.threshold = self.rules.threshold
        self._lock = threading.Lock()
        self._session: Any = None
        self.second_stage: SecondStage | None = None

    @property
    def reference(self) -> ModelRef:
        return self._metadata.reference(self._weights)

    def load(self) -> None:
        """Open the weights once; PermanentError where they are not the ones described."""
        with self._lock:
            if self._session is None:
                if second := self._metadata.second_stage:
                    self.second_stage = OnnxSecondStage(self._open(second))
                self._session = self._open(self._weights)

    def _open(self, weights: WeightsFile) -> Any:
        return open_session(self._metadata.verified(weights), threads=self._threads)

    def predict(self, photos: Sequence[Pixels]) -> list[tuple[Garment, ...]]:
        return [self._predict_one(photo) for photo in photos]

    def answer(self, photo: Pixels) -> tuple[domain.RawAnswer, float]:
        """Return what the detector says of one photo, and input pixels per photo pixel."""
        self.load()
        picture, scale = fit(photo, self._metadata.input_scale)
        tensor = picture.transpose(2, 0, 1)[None].astype(np.float32)
        outputs = self._session.run(None, {"picture": tensor})
        return domain.RawAnswer(*(output[0] for output in outputs)), scale

    def examine(self, photo: Pixels) -> tuple[tuple[Garment, ...], tuple[Garment, ...]]:
        answer, scale = self.answer(photo)
        return examine(answer, photo, scale=scale, rules=self.rules, second_stage=self.second_stage)

    def _predict_one(self, photo: Pixels) -> tuple[Garment, ...]:
        answer, scale = self.answer(photo)
        return find_garments(
            answer, photo, scale=scale, rules=self.rules, second_stage=self.second_stage
        )


def open_session(weights: bytes, *, threads: int) -> Any:
    """Return an ONNX Runtime session on the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def fit(photo: Pixels, input_scale: tuple[int, int]) -> tuple[Pixels, float]:
    """Resize a photo to the network's input; return it padded to stride 32, and the scale.

    ``input_scale``: the most that the short and the long side may have.
    """
    height, width, scale = fitted(photo.shape, input_scale)
    image = Image.fromarray(photo).resize((width, height), Image.Resampling.BILINEAR)
    padded = np.full((*padded_size(height, width), 3), PADDING, np.uint8)
    padded[:height, :width] = np.asarray(image)
    return padded, scale


def fitted(shape: tuple[int, ...], input_scale: tuple[int, int]) -> tuple[int, int, float]:
    """Return height, width and scale of a photo of ``shape`` in the network's input."""
    height, width = shape[:2]
    short, long = input_scale
    scale = min(short / min(height, width), long / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale)), scale


def padded_size(height: int, width: int) -> tuple[int, int]:
    """Return the multiples of 32 that an input of ``height`` x ``width`` is padded to."""
    return _up_to_32(height), _up_to_32(width)


def _up_to_32(pixels: int) -> int:
    # Two cells of the coarsest level at least, so that it can be interpolated.
    return max(64, -(-pixels // 32) * 32)


class FakeSegmenter:
    """Finds a shirt above trousers in every photo: for tests of what comes after."""

    reference = ModelRef(name="segmenter-fake", version="1", sha256="0" * 64)
    threshold = 0.5
    batch_size = 1

    def load(self) -> None:
        """Nothing to load."""

    def predict(self, photos: Sequence[Pixels]) -> list[tuple[Garment, ...]]:
        return [self._predict_one(photo.shape[0], photo.shape[1]) for photo in photos]

    def examine(self, photo: Pixels) -> tuple[tuple[Garment, ...], tuple[Garment, ...]]:
        garments = self._predict_one(photo.shape[0], photo.shape[1])
        return garments, garments

    def _predict_one(self, height: int, width: int) -> tuple[Garment, ...]:
        middle = slice(width // 4, max(width // 4 + 1, 3 * width // 4))
        shirt, trousers = np.zeros((2, height, width), bool)
        shirt[: max(1, height // 2), middle] = True
        trousers[height // 2 :, middle] = True
        return (
            domain.describe("long_sleeved_shirt", 0.9, shirt),
            domain.describe("trousers", 0.8, trousers),
        )
