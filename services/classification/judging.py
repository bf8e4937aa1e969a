"""A batch of stored photos through the classifier: load, judge, save, say what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pydantic import ValidationError

from services.classification.model import Classifier
from shared import metrics
from shared.batches import each_photo, settled
from shared.contracts.garments import Classification
from shared.contracts.message import Message
from shared.contracts.photos import ClassifiedPhoto, PhotoRef, PhotosClassified, SettledPhoto
from shared.imaging import decode
from shared.storage import ObjectNotFoundError, ObjectStore
from shared.storage.keys import result_key
from shared.style.probe import Probe

STAGE = "classification"


def judge_photos(
    photos: Sequence[PhotoRef], *, storage: ObjectStore, classifier: Classifier, probe: Probe
) -> list[Message]:
    """Return the messages for photos that are fashion and for those that ended here.

    A photo whose result is stored is not judged again. One that cannot be read fails alone.
    Styles are told from the stored embedding each time: another probe needs no photo again.
    """
    metrics.show_models(classifier.reference, probe.reference)
    judge = partial(_judge, storage=storage, classifier=classifier)
    judged, failed = each_photo(photos, judge, stage=STAGE)
    fashion = tuple(
        _classified(photo, found, probe) for photo, found in judged if _goes_on(photo, found)
    )
    ended = [_ended(photo, found) for photo, found in judged if not _goes_on(photo, found)]
    metrics.PHOTOS.labels(STAGE, "not_fashion").inc(len(ended))
    messages: list[Message] = [PhotosClassified(photos=fashion)] if fashion else []
    return [*messages, *settled([*ended, *failed])]


def _judge(
    photo: PhotoRef, *, storage: ObjectStore, classifier: Classifier
) -> tuple[PhotoRef, Classification]:
    key = result_key(STAGE, folder_of(classifier), photo.photo_id)
    known = _stored(storage, key)
    if known is not None:
        metrics.PHOTOS.labels(STAGE, "skipped").inc()
        return photo, known
    pixels = decode(storage.get(photo.key), name=photo.key).pixels
    (verdict,) = classifier.predict([pixels])
    found = Classification(
        fashion=verdict.fashion,
        is_fashion=verdict.fashion >= classifier.threshold,
        embedding=tuple(round(float(value), 4) for value in verdict.embedding),
        model=classifier.reference,
    )
    storage.put(key, found.model_dump_json().encode(), content_type="application/json")
    metrics.PHOTOS.labels(STAGE, "done").inc()
    metrics.FASHION.labels("fashion" if found.is_fashion else "not_fashion").inc()
    return photo, found


def _goes_on(photo: PhotoRef, found: Classification) -> bool:
    """Tell whether garments are looked for: on fashion, and on what a shop sells as such."""
    return found.is_fashion or photo.catalogued


def folder_of(classifier: Classifier) -> str:
    """Name the results' folder: other weights or another threshold give another answer."""
    reference = classifier.reference
    return f"{reference.version}-{reference.sha256[:8]}-{classifier.threshold:.2f}"


def _stored(storage: ObjectStore, key: str) -> Classification | None:
    try:
        return Classification.model_validate_json(storage.get(key))
    except ObjectNotFoundError:
        return None
    except ValidationError:  # of an older shape: judged and written again
        return None


def _classified(photo: PhotoRef, found: Classification, probe: Probe) -> ClassifiedPhoto:
    styles = probe.of_embedding(found.embedding, classifier=found.model)
    models = (found.model, probe.reference) if styles else (found.model,)
    return ClassifiedPhoto(photo=photo, fashion=found.fashion, styles=styles, models=models)


def _ended(photo: PhotoRef, found: Classification) -> SettledPhoto:
    return SettledPhoto(
        photo=photo,
        outcome="not_fashion",
        stage=STAGE,
        reason=f"fashion probability {found.fashion:.2f}",
        fashion=found.fashion,
        models=(found.model,),
    )
