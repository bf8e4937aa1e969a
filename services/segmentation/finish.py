"""After training: the threshold is chosen, and the files that are served are written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.segmentation.data.street import LabelledGarment, read_street
from services.segmentation.metadata import Metadata, read_metadata
from services.segmentation.model import open_segmenter
from services.segmentation.scoring import confusion
from services.segmentation.settings import SegmentationSettings
from shared.contracts.garments import Garment
from shared.contracts.vocabulary import FAMILY_OF
from shared.imaging import decode

Found = list[tuple[Sequence[LabelledGarment], Sequence[Garment]]]

THRESHOLDS: Final = tuple(round(float(score), 2) for score in np.arange(0.1, 0.7, 0.02))
UNDECIDED: Final = 0.1
"""Written before the threshold is chosen, so that everything above it can be counted."""


def ship(
    network: Any, out: Path, *, config: str, input_scale: tuple[int, int], data: Path
) -> Metadata:
    """Write ``segmenter.{onnx,safetensors,toml}``; the threshold is chosen on ``val``."""
    from services.segmentation.export import export_onnx
    from services.segmentation.network import save_checkpoint

    network.cpu().eval()
    save_checkpoint(network, out / "segmenter.safetensors")
    export_onnx(network, out / "segmenter.onnx")
    fields = {"config": config, "input_scale": list(input_scale)}
    write_metadata(out, fields, threshold=UNDECIDED, f1=0.0)
    threshold, f1 = choose_threshold(predict_val(out, data))
    write_metadata(out, fields, threshold=threshold, f1=f1)
    return read_metadata(out)


def predict_val(weights: Path, data: Path) -> Found:
    """Return the truth and the answer for each street photo of the validation split."""
    segmenter = open_segmenter(SegmentationSettings(weights=weights))
    segmenter.load()
    found: Found = []
    for photo in read_street(data / "street", ["val"]):
        pixels = decode(photo.path.read_bytes(), name=photo.path.name).pixels
        found.append((photo.garments, segmenter.predict([pixels])[0]))
    return found


def choose_threshold(found: Found) -> tuple[float, float]:
    """Return the score with the best F1 and that F1: families right, mask IoU over 0.5."""
    return max(((score, _f1(found, score)) for score in THRESHOLDS), key=lambda pair: pair[1])


def _f1(found: Found, threshold: float) -> float:
    right = wrong = 0
    for labelled, garments in found:
        reported = [garment for garment in garments if garment.score >= threshold]
        for true, guess in confusion(labelled, reported):
            if FAMILY_OF.get(true) == FAMILY_OF.get(guess):
                right += 1
            else:  # a wrong family is one missed and one made up
                wrong += 2 if "-" not in (true, guess) else 1
    return 2 * right / max(1, 2 * right + wrong)


def write_metadata(out: Path, fields: dict[str, Any], *, threshold: float, f1: float) -> None:
    """Write ``segmenter.toml`` for the files in ``out``; data and licence are this recipe's."""
    scale = fields["input_scale"]
    lines = [
        'name = "segmenter"',
        f'version = "{_fingerprint(out / "segmenter.onnx")[:8]}"',
        'license = "Apache-2.0"',
        f'config = "{fields["config"]}"',
        f"input_scale = [{scale[0]}, {scale[1]}]",
        f"threshold = {threshold}",
    ]
    for table, file in (("onnx", "segmenter.onnx"), ("checkpoint", "segmenter.safetensors")):
        lines += ["", f"[{table}]", f'file = "{file}"', f'sha256 = "{_fingerprint(out / file)}"']
    lines += ["", "[data]", *(f'{name} = "{text}"' for name, text in SOURCES.items())]
    lines += ["", "[metrics]", f"val_f1 = {f1:.3f}"]
    (out / "segmenter.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


SOURCES: Final = {
    "street": "Clothing Co-Parsing (Yang, Luo, Lin, CVPR 2014), Apache-2.0",
    "garments": "clothing-dataset (A. Grigorev and contributors), CC0",
    "backbone": "torchvision MobileNetV2, ImageNet-1k, BSD-3-Clause",
}


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
