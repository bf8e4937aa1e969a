"""The engines: photos in, fashion probability and embedding out."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from services.classification.domain import EMBEDDING_SIZE, Verdict, probability, without_bars
from services.classification.metadata import Metadata, read_metadata
from services.classification.settings import ClassificationSettings
from shared.contracts.message import ModelRef

Pixels = npt.NDArray[np.uint8]
_BATCH: Final = 8
"""Photos in the network at once: more gains no speed on a core and costs memory."""


class Classifier(Protocol):
    """Tells fashion photos from others."""

    @property
    def reference(self) -> ModelRef:
        """Name, version and sha256 of the weights."""

    @property
    def threshold(self) -> float:
        """The fashion probability from which a photo is fashion."""

    def load(self) -> None:
        """Make ready to predict; a second call does nothing."""

    def predict(self, photos: Sequence[Pixels]) -> list[Verdict]:
        """Return one verdict a photo. Photos: (height, width, 3) uint8 RGB of any size."""


def open_classifier(settings: ClassificationSettings) -> Classifier:
    """Return the engine of the settings, not loaded yet.

    Raises PermanentError where ``classifier.toml`` is missing or incomplete.
    """
    if settings.engine == "fake":
        return FakeClassifier()
    return OnnxClassifier(read_metadata(settings.weights), settings)


class OnnxClassifier:
    """ResNet18 through ONNX Runtime on the CPU."""

    def __init__(self, metadata: Metadata, settings: ClassificationSettings) -> None:
        self._metadata = metadata
        self._threads = settings.threads
        self._lock = threading.Lock()
        self._session: Any = None
        self.threshold = metadata.threshold if settings.threshold is None else settings.threshold

    @property
    def reference(self) -> ModelRef:
        return self._metadata.reference

    def load(self) -> None:
        """Open the weights once; PermanentError where they are not the ones described."""
        with self._lock:
            if self._session is None:
                self._session = _open_session(self._metadata.verified(), threads=self._threads)

    def predict(self, photos: Sequence[Pixels]) -> list[Verdict]:
        self.load()
        verdicts: list[Verdict] = []
        for start in range(0, len(photos), _BATCH):
            batch = prepare(photos[start : start + _BATCH], side=self._metadata.side)
            logits, embeddings = self._session.run(None, {"pixels": batch})
            fashion = probability(logits, temperature=self._metadata.temperature)
            verdicts += [Verdict(float(p), e) for p, e in zip(fashion, embeddings, strict=True)]
        return verdicts


def _open_session(weights: bytes, *, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def prepare(photos: Sequence[Pixels], *, side: int) -> Pixels:
    """Return the network's input (batch, side, side, 3) uint8 RGB.

    Flat bars at the edges are cut off; the rest is squeezed to a square: a crop would cut heads
    and hems. Training and serving both come through here; mean and deviation are subtracted
    inside the network.
    """
    box = (side, side)
    return np.stack(
        [
            np.asarray(
                Image.fromarray(without_bars(photo)).resize(
                    box, Image.Resampling.BILINEAR, reducing_gap=2.0
                )
            )
            for photo in photos
        ]
    )


class FakeClassifier:
    """Calls every photo fashion unless it is one flat colour: for tests of what comes after."""

    reference = ModelRef(name="classifier-fake", version="1", sha256="0" * 64)
    threshold = 0.5

    def load(self) -> None:
        """Nothing to load."""

    def predict(self, photos: Sequence[Pixels]) -> list[Verdict]:
        return [self._judge(photo) for photo in photos]

    def _judge(self, photo: Pixels) -> Verdict:
        embedding = np.zeros(EMBEDDING_SIZE, np.float32)
        embedding[int(photo.mean())] = 1
        return Verdict(0.1 if photo.min() == photo.max() else 0.9, embedding)
