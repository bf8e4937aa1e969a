"""Segmentation's task."""

from __future__ import annotations

from functools import cache

from services.segmentation.model import Segmenter, open_segmenter
from services.segmentation.segmenting import segment_photos as segment_batch
from services.segmentation.settings import SegmentationSettings
from shared.bus import Context, task
from shared.contracts.message import Message
from shared.contracts.photos import PhotosClassified
from shared.settings import read


@task("segmentation.segment_photos")
def segment_photos(message: PhotosClassified, context: Context) -> list[Message]:
    """Cut the garments out of fashion photos."""
    return segment_batch(message.photos, storage=context.storage, segmenter=_segmenter())


@cache
def _segmenter() -> Segmenter:
    return open_segmenter(read(SegmentationSettings))
