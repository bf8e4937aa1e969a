"""A batch of fashion photos through the segmenter: load, cut out, save, say what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pydantic import ValidationError

from services.segmentation.model import Segmenter
from shared import metrics
from shared.batches import each_photo, settled
from shared.contracts.garments import Segmentation
from shared.contracts.message import Message
from shared.contracts.photos import ClassifiedPhoto, PhotosSegmented, SegmentedPhoto
from shared.imaging import decode
from shared.storage import ObjectNotFoundError, ObjectStore
from shared.storage.keys import result_key

STAGE = "segmentation"


def segment_photos(
    items: Sequence[ClassifiedPhoto], *, storage: ObjectStore, segmenter: Segmenter
) -> list[Message]:
    """Return the messages for photos that were segmented and for those that failed.

    A photo whose result is stored is not segmented again. One that cannot be read fails alone;
    one without a garment goes on, and counts for nothing.
    """
    segment = partial(_segment, storage=storage, segmenter=segmenter)
    done, failed = each_photo(items, segment, stage=STAGE)
    messages: list[Message] = [PhotosSegmented(photos=tuple(done))] if done else []
    return [*messages, *settled(failed)]


def _segment(
    item: ClassifiedPhoto, *, storage: ObjectStore, segmenter: Segmenter
) -> SegmentedPhoto:
    key = result_key(STAGE, _folder(segmenter), item.photo.photo_id)
    if _is_stored(storage, key):
        metrics.PHOTOS.labels(STAGE, "skipped").inc()
    else:
        pixels = decode(storage.get(item.photo.key), name=item.photo.key).pixels
        (garments,) = segmenter.predict([pixels])
        found = Segmentation(
            width=pixels.shape[1],
            height=pixels.shape[0],
            garments=garments,
            model=segmenter.reference,
        )
        storage.put(key, found.model_dump_json().encode(), content_type="application/json")
        metrics.PHOTOS.labels(STAGE, "done").inc()
    return SegmentedPhoto(
        photo=item.photo,
        fashion=item.fashion,
        styles=item.styles,
        result_key=key,
        models=(*item.models, segmenter.reference),
    )


def _folder(segmenter: Segmenter) -> str:
    """Name the results' folder: other weights or another threshold give another answer."""
    reference = segmenter.reference
    return f"{reference.version}-{reference.sha256[:8]}-{segmenter.threshold:.2f}"


def _is_stored(storage: ObjectStore, key: str) -> bool:
    try:
        Segmentation.model_validate_json(storage.get(key))
    except (ObjectNotFoundError, ValidationError):  # none, or of an older shape
        return False
    return True
