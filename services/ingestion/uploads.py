"""Taking over what a client sent to the gateway."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from services.ingestion import ledger
from services.ingestion.domain import PostFacts
from services.ingestion.intake import Arrival, Intake
from services.ingestion.refusals import RefusedError
from services.ingestion.sources import Candidate, Refused
from shared import metrics
from shared.contracts.photos import PhotosStored
from shared.contracts.uploads import PhotoUploaded
from shared.contracts.vocabulary import UPLOAD
from shared.errors import PermanentError
from shared.logging import logger
from shared.records import Database
from shared.records.photo_ledger import reference
from shared.storage import ObjectNotFoundError, ObjectStore

log = logger(__name__)


def take_upload(
    message: PhotoUploaded, intake: Intake, *, database: Database, storage: ObjectStore
) -> list[PhotosStored]:
    """Store the photo and its post, remove the bytes as they came, and announce the photo.

    The bytes go only after the rows are there; a message that comes again finds the rows.
    """
    try:
        arrival = _arrival(message, intake, storage)
    except ObjectNotFoundError:  # it was refused before, and its bytes are gone
        log.warning("upload has no bytes", photo_id=message.photo_id)
        return []
    except PermanentError as error:
        _refuse(message, error, database=database)
        storage.delete(message.key)
        return []
    intake.save([arrival])
    with database.transaction() as session:
        photos = ledger.under_way(session, [arrival.photo_id])
        ids = [photo.photo_id for photo in photos]
        ledger.mark_announced(session, ids, at=datetime.now(UTC))
        announced = [PhotosStored(photos=(reference(photo),)) for photo in photos]
    storage.delete(message.key)
    return announced


def _arrival(message: PhotoUploaded, intake: Intake, storage: ObjectStore) -> Arrival:
    candidate = Candidate(
        name=message.name,
        read=partial(storage.get, message.key),
        facts=PostFacts(posted_at=message.posted_at, author=message.author),
    )
    if intake.knows(message.photo_id):
        return intake.known_arrival(candidate, message.photo_id, source=UPLOAD)
    try:
        arrival = intake.prepare(candidate, source=UPLOAD)
    except ObjectNotFoundError:
        if intake.knows(message.photo_id):  # another client's upload of it was quicker
            return intake.known_arrival(candidate, message.photo_id, source=UPLOAD)
        raise
    if arrival.photo_id != message.photo_id:
        raise RefusedError(message.name, "upload_changed")
    return arrival


def _refuse(message: PhotoUploaded, error: PermanentError, *, database: Database) -> None:
    log.warning("upload refused", photo_id=message.photo_id, reason=str(error))
    metrics.PHOTOS.labels("ingestion", "failed").inc()
    with database.transaction() as session:
        refused = [Refused(message.name, error)]
        ledger.write_refusals(session, refused, taken=(), source=UPLOAD)
