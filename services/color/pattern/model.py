"""The model that reads patterns, through ONNX Runtime on the CPU."""

from __future__ import annotations

import threading
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from services.color.pattern.cutout import Mask, Photo, cut_out
from services.color.pattern.metadata import Metadata
from shared.contracts.message import ModelRef
from shared.contracts.vocabulary import PATTERNS

Chances = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float32]
EMBEDDING: Final = "embedding"
"""The network's second output; weights of before it was there have none."""


class Seen(NamedTuple):
    """What is seen of one garment's cloth."""

    pattern: str | None
    """None: it cannot be told."""
    embedding: Vector | None
    """Its appearance (n,), of unit length."""


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

    def see(self, photo: Photo, mask: Mask) -> Seen:
        """Return one of ``PATTERNS`` and the appearance; a garment that is too small has neither.

        ``photo`` (height, width, 3) uint8 RGB, ``mask`` (height, width) bool.
        """
        found = self._run(photo, mask)
        if found is None:
            return Seen(None, None)
        chances, embedding = found
        told = chances.max() >= self._metadata.least_confidence
        return Seen(PATTERNS[int(chances.argmax())] if told else None, embedding)

    def chances(self, photo: Photo, mask: Mask) -> Chances | None:
        """Return the probability of each pattern; None where the garment is too small."""
        found = self._run(photo, mask)
        return None if found is None else found[0]

    def _run(self, photo: Photo, mask: Mask) -> tuple[Chances, Vector | None] | None:
        garment = cut_out(photo, mask)
        if garment is None:
            return None
        self.load()
        given = {"pixels": garment.pixels[None], "cover": garment.cover[None]}
        logits, *more = self._session.run(None, given)
        chances = softmax(logits[0].astype(np.float64) / self._metadata.temperature)
        return chances, more[0][0] if more else None


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
