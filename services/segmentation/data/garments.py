"""Photos of single garments, laid out or hung: a saliency model makes their masks."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from services.segmentation.data.splits import Split, split_of

CATEGORY_OF: Final = {
    "T-Shirt": "short_sleeved_shirt",
    "Polo": "short_sleeved_shirt",
    "Longsleeve": "long_sleeved_shirt",
    "Shirt": "long_sleeved_shirt",
    "Hoodie": "long_sleeved_shirt",
    "Blouse": "long_sleeved_shirt",
    "Undershirt": "vest",
    "Top": "vest",
    "Outwear": "long_sleeved_outwear",
    "Blazer": "long_sleeved_outwear",
    "Pants": "trousers",
    "Shorts": "shorts",
    "Skirt": "skirt",
    "Dress": "short_sleeved_dress",
}
MEAN: Final = (0.485, 0.456, 0.406)
DEVIATION: Final = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class GarmentPhoto:
    """A row of ``garments.csv`` whose label is one of the 13 categories."""

    name: str
    path: Path
    category: str
    split: Split


def read_garments(folder: Path) -> Iterator[GarmentPhoto]:
    """Yield the photos of ``garments.csv`` that are there; a contributor's are on one side."""
    with (folder / "garments.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            path = folder / "photos" / f"{row['image']}.jpg"
            if row["label"] in CATEGORY_OF and path.exists():
                yield GarmentPhoto(
                    name=row["image"],
                    path=path,
                    category=CATEGORY_OF[row["label"]],
                    split=split_of("c" + row["contributor"], test=20),
                )


class SaliencyModel:
    """U²-Net (Qin et al. 2020), from an ONNX file: where the picture's one object is."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        self._session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
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


def object_mask(saliency: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """Return the mask of the one salient object, or None where the model is not sure of it.

    Refused: an object of under 6 % or over 80 % of the picture, one in several parts, and a
    blurred border (over a quarter of the object between 0.2 and 0.8).
    """
    salient = saliency > 0.5
    parts, count = ndimage.label(salient)
    if not count:
        return None
    sizes = ndimage.sum_labels(salient, parts, range(1, count + 1))
    blurred = ((saliency > 0.2) & (saliency < 0.8)).sum() / salient.sum()
    if not 0.06 < salient.mean() < 0.8 or sizes.max() < 0.9 * sizes.sum() or blurred > 0.25:
        return None
    mask: NDArray[np.bool_] = ndimage.binary_fill_holes(parts == int(sizes.argmax()) + 1)
    return mask
