"""A batch of fashion photos through the segmenter: load, cut out, save, say what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from pydantic import ValidationError

from services.segmentation.model import Segmenter
from shared import metrics
from shared.batches import each_photo, settled
from shared.contracts.garments import Segmentation
from shared.contracts.message import Message
from shared.contracts.photos import ClassifiedPhoto, PhotosSegmented, SegmentedPhoto, SettledPhoto
from shared.imaging import Pixels, decode
from shared.storage import ObjectNotFoundError, ObjectStore
from shared.storage.keys import result_key

STAGE = "segmentation"


def segment_photos(
    items: Sequence[ClassifiedPhoto], *, storage: ObjectStore, segmenter: Segmenter
) -> list[Message]:
    """Return the messages for photos that were segmented and for those that failed.

    A photo whose result is stored is not segmented again. One that cannot be read fails alone;
    one without a garment goes on, and counts for nothing. As many photos are in memory as the
    engine takes at once.
    """
    metrics.show_models(segmenter.reference)
    open_photo = partial(_open, storage=storage, segmenter=segmenter)
    done: list[SegmentedPhoto] = []
    ended: list[SettledPhoto] = []
    rest = iter(items)
    while batch := list(islice(rest, segmenter.batch_size)):
        opened, failed = each_photo(batch, open_photo, stage=STAGE)
        if fresh := [one for one in opened if one.pixels is not None]:
            _segment(fresh, storage, segmenter)
        done += [_onward(one, segmenter) for one in opened]
        ended += failed
    messages: list[Message] = [PhotosSegmented(photos=tuple(done))] if done else []
    return [*messages, *settled(ended)]


@dataclass(frozen=True, eq=False)
class _Opened:
    """A photo, where its result belongs, and its pixels unless the result is stored."""

    item: ClassifiedPhoto
    key: str
    pixels: Pixels | None


def _open(item: ClassifiedPhoto, *, storage: ObjectStore, segmenter: Segmenter) -> _Opened:
    key = result_key(STAGE, _folder(segmenter), item.photo.photo_id)
    if _is_stored(storage, key):
        metrics.PHOTOS.labels(STAGE, "skipped").inc()
        return _Opened(item, key, None)
    segmenter.load()
    return _Opened(item, key, decode(storage.get(item.photo.key), name=item.photo.key).pixels)


def _segment(photos: Sequence[_Opened], storage: ObjectStore, segmenter: Segmenter) -> None:
    """Cut out the garments of photos and store them."""
    pixels = [one.pixels for one in photos if one.pixels is not None]
    for one, picture, garments in zip(photos, pixels, segmenter.predict(pixels), strict=True):
        found = Segmentation(
            width=picture.shape[1],
            height=picture.shape[0],
            garments=garments,
            model=segmenter.reference,
        )
        storage.put(one.key, found.model_dump_json().encode(), content_type="application/json")
        metrics.PHOTOS.labels(STAGE, "done").inc()
        for garment in garments:
            metrics.GARMENTS.labels(garment.category).inc()


def _onward(one: _Opened, segmenter: Segmenter) -> SegmentedPhoto:
    return SegmentedPhoto(
        photo=one.item.photo,
        fashion=one.item.fashion,
        styles=one.item.styles,
        result_key=one.key,
        models=(*one.item.models, segmenter.reference),
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
