"""The segmenter's engines: how fast each is, and whether both see the same garments.

``python -m tests.benchmarks.segmentation`` prints

- seconds a photo of the ONNX engine on one core (the bar is 0.35),
- with the ml extra, how far the mmdet engine agrees with it,
- and photos a second of the mmdet engine in batches and of mmdet's own ``inference_detector``,
  with the same weights on the same device in the same run.

In brackets: how many times as fast as ``inference_detector``. ``--photos FOLDER`` takes your own
photos, ``--device cuda`` a GPU. On a busy machine read the processor's seconds and the ratio, not
the clock.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from services.segmentation.data.labelled import LabelledGarment
from services.segmentation.metadata import read_metadata
from services.segmentation.model import Pixels, Segmenter, open_segmenter
from services.segmentation.scoring import match
from services.segmentation.settings import SHIPPED, SegmentationSettings
from shared.contracts.garments import Garment
from shared.imaging import decode
from shared.masks import decode_mask

BAR = 0.35
"""Seconds a photo may take on one core."""

Found = list[tuple[Garment, ...]]


def photos_of(folder: Path | None, count: int) -> list[Pixels]:
    """Return photos of ``folder``, or full-length pictures of the package openpeople."""
    if folder is None:
        import openpeople

        people = Path(openpeople.__file__).parent / "data" / "curated"
        paths = sorted(people.glob("*/assets/*_posture.jpg"))
    else:
        paths = sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".png"))
    return [decode(path.read_bytes(), name=str(path)).pixels for path in islice(paths, count)]


def timed(segmenter: Segmenter, photos: Sequence[Pixels]) -> tuple[Found, list[float], list[float]]:
    """Return the garments, and seconds of the clock and of the processor a photo."""
    segmenter.predict(photos[:1])  # the first run plans memory
    found, clock, cpu = [], [], []
    for photo in photos:
        started, used = perf_counter(), process_time()
        found += segmenter.predict([photo])
        clock.append(perf_counter() - started)
        cpu.append(process_time() - used)
    return found, clock, cpu


def agreement(ours: Found, theirs: Found) -> dict[str, float]:
    """Return how alike two engines' answers are: counts, mask IoU, equal categories."""
    ious, alike, only = [], 0, 0
    for first, second in zip(ours, theirs, strict=True):
        truth = [LabelledGarment(one.category, _mask(one)) for one in first]
        pairs = match(truth, second)
        only += len(first) + len(second) - 2 * len(pairs)
        for index, other in pairs:
            masks = truth[index].mask, _mask(second[other])
            ious.append((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())
            alike += first[index].category == second[other].category
    count = max(1, len(ious))
    return {
        "matched": len(ious),
        "only in one": only,
        "lowest IoU": min(ious, default=1.0),
        "IoU at least .95": sum(iou >= 0.95 for iou in ious) / count,
        "same category": alike / count,
    }


def _mask(garment: Garment) -> Any:
    height, width = garment.mask.size
    return decode_mask(garment.mask, height=height, width=width)


def inference_detector_rate(
    settings: SegmentationSettings, photos: Sequence[Pixels]
) -> tuple[float, float]:
    """Return photos a second, by the clock and the processor, of mmdet's own function."""
    from mmdet.apis import inference_detector
    from mmengine.config import ConfigDict

    from services.segmentation.network import build, load_checkpoint, read_config

    metadata = read_metadata(settings.weights)
    config = read_config(metadata.config)
    network = build(config)
    load_checkpoint(network, metadata.verified(metadata.checkpoint))
    short, long = metadata.input_scale
    pipeline = [
        {"type": "mmdet.LoadImageFromFile"},
        {"type": "mmdet.Resize", "scale": (long, short), "keep_ratio": True},
        {"type": "mmdet.PackDetInputs", "meta_keys": ("ori_shape", "img_shape", "scale_factor")},
    ]
    config.test_dataloader = ConfigDict(dataset={"pipeline": pipeline})
    network.cfg = config
    network.eval().to(settings.device)
    pictures = [np.ascontiguousarray(photo[..., ::-1]) for photo in photos]
    inference_detector(network, pictures[:1])
    started, used = perf_counter(), process_time()
    inference_detector(network, pictures)
    return len(photos) / (perf_counter() - started), len(photos) / (process_time() - used)


def batched_rate(segmenter: Segmenter, photos: Sequence[Pixels]) -> tuple[float, float]:
    """Return photos a second, by the clock and the processor, of an engine given all at once."""
    segmenter.predict(photos[: segmenter.batch_size])
    started, used = perf_counter(), process_time()
    segmenter.predict(photos)
    return len(photos) / (perf_counter() - started), len(photos) / (process_time() - used)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--weights", type=Path, default=SHIPPED)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=16)
    given = parser.parse_args()
    photos = photos_of(given.photos, given.count)
    settings = SegmentationSettings(
        weights=given.weights, device=given.device, batch_size=given.batch
    )
    table = Table("what", "value", title=f"{len(photos)} photos")
    found: Found = []
    if read_metadata(given.weights).onnx:
        found, clock, cpu = timed(open_segmenter(settings), photos)
        table.add_row("onnx, one core, s a photo: median", f"{np.median(clock):.3f}")
        table.add_row("onnx, 95 %", f"{np.percentile(clock, 95):.3f}")
        table.add_row(f"onnx, processor seconds (bar {BAR})", f"{np.mean(cpu):.3f}")
    if find_spec("torch"):
        _measure_mmdet(settings, photos, found, table)
    Console().print(table)


def _measure_mmdet(
    settings: SegmentationSettings, photos: Sequence[Pixels], found: Found, table: Table
) -> None:
    import torch

    from services.segmentation.mmdet_engine import MmdetSegmenter

    torch.set_num_threads(1)
    settings = settings.model_copy(update={"engine": "mmdet"})
    segmenter = open_segmenter(settings)
    if found:
        for name, value in agreement(found, segmenter.predict(photos)).items():
            table.add_row(f"onnx and mmdet: {name}", f"{value:.4g}")
    rates = {"mmdet engine, as served": batched_rate(segmenter, photos)}
    metadata = read_metadata(settings.weights)
    if metadata.second_stage_checkpoint:  # inference_detector has no second stage
        files = {"checkpoint": metadata.checkpoint}
        detector = MmdetSegmenter(metadata.model_copy(update={"files": files}), settings)
        rates["mmdet engine, the detector alone"] = batched_rate(detector, photos)
    rates["inference_detector"] = inference_detector_rate(settings, photos)
    peer = rates["inference_detector"]
    for name, (clock, cpu) in rates.items():
        table.add_row(
            f"{name} on {settings.device}: photos/s by clock, by processor",
            f"{clock:.2f} ({clock / peer[0]:.2f}), {cpu:.2f} ({cpu / peer[1]:.2f})",
        )


if __name__ == "__main__":
    main()
