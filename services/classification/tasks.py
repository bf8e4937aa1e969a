"""Classification's task."""

from __future__ import annotations

from functools import cache

from services.classification.judging import judge_photos
from services.classification.model import Classifier, open_classifier
from services.classification.settings import ClassificationSettings
from shared.bus import Context, task
from shared.contracts.message import Message
from shared.contracts.photos import PhotosStored
from shared.settings import read
from shared.style.probe import open_probe


@task("classification.classify_photos")
def classify_photos(message: PhotosStored, context: Context) -> list[Message]:
    """Judge stored photos: fashion goes on, the rest ends here."""
    return judge_photos(
        message.photos,
        storage=context.storage,
        classifier=_classifier(),
        probe=open_probe(context.settings.style_weights),
    )


@cache
def _classifier() -> Classifier:
    return open_classifier(read(ClassificationSettings))
