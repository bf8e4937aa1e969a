"""A person's data, whole: one JSON document, or a ZIP of it with the photos and pictures."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from fastapi.encoders import jsonable_encoder
from sqlalchemy import select

from services.gateway.access import Gateway
from services.gateway.people.holdings import rows_of
from shared.records.gateway import Upload, Wish
from shared.records.ingestion import Photo
from shared.records.trends import Settlement
from shared.storage import ObjectNotFoundError
from shared.storage.keys import generation_key, upload_key

_IN_MEMORY: Final = 8 * 1024 * 1024
_CHUNK: Final = 256 * 1024
_VARIANT: Final = re.compile(r"[2-4]\.png|[1-4]\.json")
"""A drawing's files beside the best picture, which is there twice; manifests are in the tables."""
NOTE: Final = (
    "All that Mapsi keeps of you. Secrets (your key's hash, webhook secrets) are left out. "
    "맵시가 보관하는 당신의 모든 정보입니다. 비밀값(키의 해시, 웹훅 비밀)은 빠져 있습니다."
)


def document(gateway: Gateway, person_id: str, *, now: datetime) -> dict[str, Any]:
    """Return everything in the database about a person, by table, and what was seen in photos."""
    with gateway.database.reading() as session:
        tables = dict(rows_of(session, person_id))
        keys = session.execute(
            select(Upload.photo_id, Settlement.analysis_key)
            .join(Settlement, Settlement.photo_id == Upload.photo_id)
            .where(Upload.key_id == person_id)
        ).all()
    analyses = {photo_id: _analysis(gateway, key) for photo_id, key in keys}
    body = {"note": NOTE, "exported_at": now, **tables, "analyses": analyses}
    encoded: dict[str, Any] = jsonable_encoder(body)
    return encoded


def archive(gateway: Gateway, person_id: str, *, now: datetime) -> IO[bytes]:
    """Return a ZIP of the document, the person's photos and pictures, ready to be read."""
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - its reader closes
    with ZipFile(file, "w") as packed:
        text = json.dumps(document(gateway, person_id, now=now), ensure_ascii=False, indent=1)
        packed.writestr("mapsi.json", text, ZIP_DEFLATED)
        for name, key in _objects(gateway, person_id):
            try:
                packed.writestr(name, gateway.context.storage.get(key), ZIP_STORED)
            except ObjectNotFoundError:  # deleted since, or not drawn yet
                continue
    file.seek(0)
    return file


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file's bytes, then close it."""
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _analysis(gateway: Gateway, key: str | None) -> Any:
    if key is None:
        return None
    try:
        return json.loads(gateway.context.storage.get(key))
    except ObjectNotFoundError:
        return None


def _objects(gateway: Gateway, person_id: str) -> Iterator[tuple[str, str]]:
    """Yield a name in the archive and the object's key."""
    with gateway.database.reading() as session:
        uploads = session.execute(
            select(Upload.photo_id, Photo.key)
            .outerjoin(Photo, Photo.photo_id == Upload.photo_id)
            .where(Upload.key_id == person_id)
        ).all()
        jobs = session.scalars(select(Wish.job_id).where(Wish.key_id == person_id)).all()
    for photo_id, key in uploads:
        if key is None:
            yield f"photos/{photo_id}", upload_key(photo_id)
        else:
            yield f"photos/{photo_id}{PurePosixPath(key).suffix}", key
    for job_id in jobs:
        yield from _pictures(gateway, job_id)


def _pictures(gateway: Gateway, job_id: str) -> Iterator[tuple[str, str]]:
    """Yield the best picture of a job, its other variants, and what was seen in each."""
    best = generation_key(job_id, "picture.png")
    yield f"pictures/{job_id}.png", best
    folder = best.removesuffix("picture.png")
    for key in sorted(gateway.context.storage.list(folder)):
        if _VARIANT.fullmatch(key.removeprefix(folder)):
            yield f"pictures/{job_id}-{key.removeprefix(folder)}", key
