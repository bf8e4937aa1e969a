"""A worker whose tasks do what a photo's source tells them: ``stand_in_worker.py SERVICE…``.

Each task notes in ``events.jsonl`` of the data folder what it saw.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any

from services.worker import serve
from shared.bus import Context, connect, task
from shared.contracts.failures import PhotosFailed
from shared.contracts.message import Message, ModelRef
from shared.contracts.photos import ClassifiedPhoto, PhotosClassified, PhotosStored
from shared.errors import PermanentError, RetryableError
from shared.logging import configure, logger
from shared.settings import Settings, read

MODEL = ModelRef(name="stand-in", version="1", sha256="0" * 64)


def note(context: Context, **event: Any) -> int:
    """Write the event down; return how often the same one happened, this time included."""
    path = context.settings.data_dir / "events.jsonl"
    line = json.dumps(event, sort_keys=True)
    with path.open("a") as events:
        events.write(line + "\n")
    return path.read_text().splitlines().count(line)


@task("classification.classify_photos")
def classify_photos(message: PhotosStored, context: Context) -> list[Message]:
    behaviour = message.photos[0].source
    ids = [photo.photo_id for photo in message.photos]
    times = note(context, task="classify", photos=ids)
    logger(__name__).info("classifying")
    if behaviour == "flaky" and times <= 2:
        raise RetryableError("the store is away")
    if behaviour == "slow, then away once":
        wait_for_go(context)
        if times == 1:
            raise RetryableError("the store is away, as the broker is")
    if behaviour == "away":
        raise RetryableError("the store stays away")
    if behaviour == "broken":
        raise PermanentError("no such model")
    if behaviour == "bug":
        raise ValueError("a bug")
    if behaviour == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "slow":
        wait_for_go(context)
        note(context, task="classified", photos=ids)
    done = tuple(ClassifiedPhoto(photo=p, fashion=1.0, models=(MODEL,)) for p in message.photos)
    return [PhotosClassified(photos=done)]


def wait_for_go(context: Context) -> None:
    deadline = time.monotonic() + 30
    while not (context.settings.data_dir / "go").exists() and time.monotonic() < deadline:
        time.sleep(0.02)


@task("segmentation.segment_photos")
def segment_photos(message: PhotosClassified, context: Context) -> list[Message]:
    ids = [item.photo.photo_id for item in message.photos]
    times = note(context, task="segment", photos=ids, pid=os.getpid())
    logger(__name__).info("segmenting")
    if message.photos[0].photo.source == "segmentation fails once" and times == 1:
        raise ValueError("a bug in a hosted stage")
    return []


@task("ingestion.note_failures")
def note_failures(message: PhotosFailed, context: Context) -> list[Message]:
    note(context, task="failed", at=message.task, photos=message.photo_ids, reason=message.reason)
    return []


if __name__ == "__main__":
    settings = read(Settings)
    configure(settings)
    serve(connect(settings, hosted=frozenset(sys.argv[1:])))
