"""The model that reads patterns, through ONNX Runtime on the CPU."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from services.color.pattern.cutout import Mask, Photo, cut_out
from services.color.pattern.metadata import Metadata
from shared.contracts.message import ModelRef
from shared.contracts.vocabulary import PATTERNS

Chances = npt.NDArray[np.float64]


class PatternReader:
    """Tells the pattern of one garment; the weights are opened on first use, once a process."""

    def __init__(self, metadata: Metadata, *, threads: int = 1) -> None:
        self._metadata = metadata
        self._threads = threads
        self._lock = threading.Lock()
        self._session: Any = None

    @property
    def reference(self) -> ModelRef:
        return self._metadata.reference

    def load(self) -> None:
        """Open the weights once; PermanentError where they are not the ones described."""
        with self._lock:
            if self._session is None:
                self._session = open_session(self._metadata.verified(), threads=self._threads)

    def read(self, photo: Photo, mask: Mask) -> str | None:
        """Return one of ``PATTERNS``; None where the garment is too small or it cannot be told.

        ``photo`` (height, width, 3) uint8 RGB, ``mask`` (height, width) bool.
        """
        chances = self.chances(photo, mask)
        if chances is None or chances.max() < self._metadata.least_confidence:
            return None
        return PATTERNS[int(chances.argmax())]

    def chances(self, photo: Photo, mask: Mask) -> Chances | None:
        """Return the probability of each pattern; None where the garment is too small."""
        garment = cut_out(photo, mask)
        if garment is None:
            return None
        self.load()
        given = {"pixels": garment.pixels[None], "cover": garment.cover[None]}
        (logits,) = self._session.run(None, given)
        return softmax(logits[0].astype(np.float64) / self._metadata.temperature)


def softmax(logits: Chances) -> Chances:
    """Return probabilities of logits (..., patterns)."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    chances: Chances = raised / raised.sum(axis=-1, keepdims=True)
    return chances


def open_session(weights: bytes, *, threads: int) -> Any:
    """Return ONNX Runtime's session for ``weights``."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
