"""Removing all that is stored of photos, whichever models and versions made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.storage.base import ObjectStore
from shared.storage.keys import (
    faces_key,
    mask_key,
    overlay_key,
    photo_key,
    result_key,
    upload_key,
)


def remove_photos(storage: ObjectStore, photo_ids: Iterable[str]) -> None:
    """Remove the photos, the bytes as they came, and every result and picture made of them.

    What is not there is no error: it can be done again. The versions of all stages are looked
    up once; no list of objects is read.
    """
    stages = {
        stage: list(storage.folders(f"results/{stage}/")) for stage in storage.folders("results/")
    }
    masks, overlays, detectors = (
        list(storage.folders(prefix)) for prefix in ("masks/", "overlays/", "faces/")
    )
    for photo_id in photo_ids:
        for key in (
            photo_key(photo_id),
            upload_key(photo_id),
            *_results(stages, photo_id),
            *(mask_key(version, photo_id) for version in masks),
            *(overlay_key(version, photo_id) for version in overlays),
            *(faces_key(version, photo_id) for version in detectors),
        ):
            storage.delete(key)


def _results(stages: dict[str, list[str]], photo_id: str) -> Iterator[str]:
    for stage, versions in stages.items():
        for version in versions:
            yield result_key(stage, version, photo_id)
