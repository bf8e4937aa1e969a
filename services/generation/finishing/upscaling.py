"""Enlarging by a model: any ONNX network that takes RGB and gives it larger."""

from __future__ import annotations

import threading
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.generation.finishing.finishing import Upscaler
from shared.errors import PermanentError
from shared.imaging import Pixels

TILE: Final = 256
"""Sides of the parts that are enlarged one by one, so that memory does not grow with a picture."""
MARGIN: Final = 16
"""Pixels of its surroundings that each part is shown."""


@cache
def open_upscaler(path: Path) -> Upscaler:
    """Return the model of a file, loaded with its first picture and once a process."""
    return OnnxUpscaler(path)


class OnnxUpscaler:
    """A network (1, 3, h, w) to (1, 3, n h, n w), RGB from 0 to 1, through ONNX Runtime."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._session: Any = None
        self.name = path.stem

    def load(self) -> Any:
        """Open the file once; PermanentError where there is none or it is no such network."""
        with self._lock:
            if self._session is None:
                self._session = self._open()
            return self._session

    def enlarge(self, pixels: Pixels) -> Pixels:
        session = self.load()
        height, width = pixels.shape[:2]
        rows: list[Pixels] = []
        for top in range(0, height, TILE):
            parts = [_enlarge(session, pixels, top, left) for left in range(0, width, TILE)]
            rows.append(np.concatenate(parts, axis=1))
        return np.concatenate(rows, axis=0)

    def _open(self) -> Any:
        import onnxruntime

        try:
            content = self._path.read_bytes()
            session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
            shape = session.get_inputs()[0].shape
            if len(shape) != 4 or shape[1] != 3:
                raise ValueError(f"its input is {shape}")
        except Exception as error:  # the runtime has no public base of its errors
            raise PermanentError(
                f"{self._path}: no ONNX network that enlarges RGB pictures ({error}); "
                "set MAPSI_GENERATION_UPSCALER to one, or leave it unset",
                text_ko=f"{self._path}: 그림을 키우는 ONNX 모델이 아닙니다. "
                "MAPSI_GENERATION_UPSCALER를 고치거나 지우세요",
                reason="bad_upscaler",
            ) from error
        self.name = f"{self._path.stem}-{sha256(content).hexdigest()[:8]}"
        return session


def _enlarge(session: Any, pixels: Pixels, top: int, left: int) -> Pixels:
    """Return one part enlarged: shown with its margin, cut to itself."""
    height, width = pixels.shape[:2]
    above, before = min(MARGIN, top), min(MARGIN, left)
    shown = pixels[
        top - above : min(height, top + TILE + MARGIN),
        left - before : min(width, left + TILE + MARGIN),
    ]
    tensor = shown.transpose(2, 0, 1)[None].astype(np.float32) / 255
    (answer,) = session.run(None, {session.get_inputs()[0].name: tensor})
    large: NDArray[np.float32] = answer[0].transpose(1, 2, 0)
    factor = large.shape[0] // shown.shape[0]
    rows, columns = min(TILE, height - top), min(TILE, width - left)
    part = large[above * factor : (above + rows) * factor, before * factor :]
    return np.rint(np.clip(part[:, : columns * factor], 0, 1) * 255).astype(np.uint8)
