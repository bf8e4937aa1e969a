"""After training: the threshold is chosen, and the files that are served are written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.segmentation.data.labelled import LabelledGarment, read_labelled
from services.segmentation.metadata import Metadata, read_metadata
from services.segmentation.model import open_segmenter
from services.segmentation.scoring import confusion
from services.segmentation.settings import SegmentationSettings
from shared.contracts.garments import Garment
from shared.contracts.vocabulary import CATEGORIES, FAMILY_OF
from shared.imaging import decode

Found = list[tuple[Sequence[LabelledGarment], Sequence[Garment]]]

THRESHOLDS: Final = tuple(round(float(score), 2) for score in np.arange(0.1, 0.7, 0.02))
SECOND_STAGE: Final = {
    "second_stage": "second_stage.onnx",
    "second_stage_checkpoint": "second_stage.safetensors",
}
"""Tables of ``segmenter.toml`` and the files they name."""
AS_GOOD: Final = 0.01
"""Less than 78 photos can tell; of two thresholds as good the lower one misses less."""
UNDECIDED: Final = 0.1
"""Written before the threshold is chosen, so that everything above it can be counted."""
UNCHOSEN: Final = 0.3
"""The threshold where no labelled photo is at hand to choose one."""


@dataclass(frozen=True)
class Description:
    """What ``segmenter.toml`` says of the weights beside it, but for their files and figures."""

    config: str
    input_scale: tuple[int, int]
    classes: tuple[str, ...] = CATEGORIES
    license: str = "not stated"
    data: Mapping[str, str] = field(default_factory=dict)


def describe(config: str, input_scale: tuple[int, int], data: Path) -> Description:
    """Return the description of weights trained on ``data``."""
    own = not any(data.glob("*-train.json"))
    return Description(
        config,
        input_scale,
        license="Apache-2.0" if own else "not stated",
        data=SOURCES if own else {file.stem: "annotations" for file in data.glob("*-train.json")},
    )


def write_weights(network: Any, out: Path) -> None:
    """Write ``segmenter.safetensors``, and ``segmenter.onnx`` where the network can be one.

    A second stage in ``out`` learned from another detector: it is removed.
    """
    from services.segmentation.export import answers_raw, export_onnx
    from services.segmentation.network import save_checkpoint

    network.cpu().eval()
    out.mkdir(parents=True, exist_ok=True)
    save_checkpoint(network, out / "segmenter.safetensors")
    for file in (*SECOND_STAGE.values(), "segmenter.onnx"):
        (out / file).unlink(missing_ok=True)
    if answers_raw(network):
        export_onnx(network, out / "segmenter.onnx")


def decide(out: Path, description: Description, data: Path) -> Metadata:
    """Choose the threshold on the labelled photos of ``data`` and write ``segmenter.toml``."""
    write_metadata(out, description, threshold=UNDECIDED)
    found = predict_val(out, data)
    threshold, f1 = choose_threshold(found)
    if f1:
        write_metadata(out, description, threshold=threshold, metrics={"val_f1": round(f1, 3)})
    else:  # nothing is labelled, or nothing found
        write_metadata(out, description, threshold=UNCHOSEN)
    return read_metadata(out)


def predict_val(weights: Path, data: Path) -> Found:
    """Return the truth and the answer for each labelled photo of the validation split."""
    engine = "onnx" if read_metadata(weights).onnx else "mmdet"
    segmenter = open_segmenter(SegmentationSettings(weights=weights, engine=engine))
    segmenter.load()
    found: Found = []
    for photo in read_labelled(data, "val"):
        pixels = decode(photo.path.read_bytes(), name=photo.path.name).pixels
        found.append((photo.garments, segmenter.predict([pixels])[0]))
    return found


def choose_threshold(found: Found) -> tuple[float, float]:
    """Return the lowest score that is as good as the best, and its F1.

    F1 counts garments of the right family with a mask IoU over 0.5; as good: within ``AS_GOOD``.
    """
    scored = [(score, _f1(found, score)) for score in THRESHOLDS]
    best = max(f1 for _, f1 in scored)
    return next(pair for pair in scored if pair[1] >= best - AS_GOOD)


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


def write_metadata(
    out: Path,
    description: Description,
    *,
    threshold: float,
    metrics: Mapping[str, float] | None = None,
) -> None:
    """Write ``segmenter.toml`` for the files in ``out``."""
    files = {"onnx": "segmenter.onnx", "checkpoint": "segmenter.safetensors", **SECOND_STAGE}
    files = {table: file for table, file in files.items() if (out / file).exists()}
    hashes = {table: fingerprint(out / file) for table, file in files.items()}
    fields: dict[str, Any] = {
        "name": "segmenter",
        "version": hashlib.sha256("".join(hashes.values()).encode()).hexdigest()[:8],
        "license": description.license,
        "config": description.config,
        "input_scale": list(description.input_scale),
        "threshold": threshold,
    }
    if description.classes != CATEGORIES:
        fields["classes"] = list(description.classes)
    lines = _toml(fields)
    for table, file in files.items():
        lines += ["", f"[{table}]", *_toml({"file": file, "sha256": hashes[table]})]
    lines += ["", "[data]", *_toml(description.data), "", "[metrics]", *_toml(metrics or {})]
    (out / "segmenter.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(fields: Mapping[str, Any]) -> list[str]:
    # A JSON string, number or list of them is one in TOML too; so is a quoted key.
    return [
        f"{name if name.isidentifier() else json.dumps(name)} = "
        f"{json.dumps(value, ensure_ascii=False)}"
        for name, value in fields.items()
    ]


SOURCES: Final = {
    "street": "Clothing Co-Parsing (Yang, Luo, Lin, CVPR 2014), Apache-2.0",
    "garments": "clothing-dataset (A. Grigorev and contributors), CC0",
    "backbone": "torchvision MobileNetV2, ImageNet-1k, BSD-3-Clause",
}


def fingerprint(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
