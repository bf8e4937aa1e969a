"""Where the one object of a picture is, by U²-Net (Qin et al. 2020) in ONNX.

Maps are kept as 8-bit PNG files: an interrupted run goes on where it stopped, and several
processes or machines may fill one folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MEAN: Final = (0.485, 0.456, 0.406)
DEVIATION: Final = (0.229, 0.224, 0.225)


class SaliencyModel:
    """U²-Net from an ONNX file, on one core."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name

    def predict(self, image: Image.Image) -> NDArray[np.float32]:
        """Return (height, width) saliency, 0 to 1, of an RGB image."""
        pixels = np.asarray(image.resize((320, 320), Image.Resampling.BILINEAR), np.float32)
        pixels = (pixels / max(float(pixels.max()), 1e-6) - MEAN) / DEVIATION
        tensor = pixels.transpose(2, 0, 1)[None].astype(np.float32)
        saliency = self._session.run(None, {self._input: tensor})[0][0, 0]
        saliency = (saliency - saliency.min()) / (np.ptp(saliency) + 1e-6)
        resized = Image.fromarray(saliency).resize(image.size, Image.Resampling.BILINEAR)
        return np.asarray(resized)


@dataclass(frozen=True)
class SaliencyMaps:
    """The maps of ``folder``, one ``NAME.png`` a picture."""

    folder: Path
    model: Path

    def path(self, picture: Path) -> Path:
        """Return where the map of ``picture`` is, or will be."""
        return self.folder / f"{picture.stem}.png"

    def fill(self, pictures: Sequence[Path], *, processes: int) -> Iterator[Path]:
        """Make the maps that are missing; yield each picture when its map is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        missing = [picture for picture in pictures if not self.path(picture).exists()]
        done = set(missing)
        yield from (picture for picture in pictures if picture not in done)
        if not missing:
            return
        context = get_context("spawn")  # onnxruntime's threads do not survive a fork
        with ProcessPoolExecutor(processes, context, _open_model, (self.model,)) as pool:
            yield from pool.map(_make_map, missing, map(self.path, missing), chunksize=4)

    def read(self, picture: Path, size: tuple[int, int]) -> NDArray[np.float32]:
        """Return a picture's map, 0 to 1, enlarged or shrunk to (width, height) ``size``."""
        with Image.open(self.path(picture)) as image:
            resized = image.convert("L").resize(size, Image.Resampling.BILINEAR)
        return np.asarray(resized, np.float32) / 255


_model: SaliencyModel | None = None
"""Each worker process's own."""


def _open_model(path: Path) -> None:
    global _model  # noqa: PLW0603 - how a pool's initializer hands something to its tasks
    _model = SaliencyModel(path)


def _make_map(picture: Path, target: Path) -> Path:
    assert _model  # noqa: S101 - the pool's initializer ran
    with Image.open(picture) as image:
        saliency = _model.predict(image.convert("RGB"))
    whole = target.with_suffix(f".{os.getpid()}.part")
    Image.fromarray((saliency * 255).astype(np.uint8)).save(whole, "PNG")
    whole.replace(target)
    return picture
