"""The photos: is one stuck, or given up?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from services.checkup import Finding
from services.cluster_checkup.finding import Said, unwell, well
from shared.records import open_database
from shared.records.photo_ledger import photo_states
from shared.settings import Settings

_LONG: Final = 3600.0
"""Seconds after which the oldest photo that is under way has waited too long."""


def look_at_photos(settings: Settings) -> Iterator[Finding]:
    """Yield how the photos are; RetryableError where the database does not answer."""
    with closing(open_database(settings.database)) as database, database.reading() as session:
        states = photo_states(session)
    if states.oldest_pending is None:
        yield well("photos", Said("none is under way", "처리 중인 사진 없음"))
    else:
        photo, since = states.oldest_pending
        seconds = (datetime.now(UTC) - since).total_seconds()
        found = Said(
            f"{states.pending} under way, the oldest ({photo[:12]}) for {seconds / 60:.0f} minutes",
            f"처리 중 {states.pending}장, 가장 오래된 것({photo[:12]})은 {seconds / 60:.0f}분째",
        )
        if seconds > _LONG:
            fix = Said("see the queues above", "위의 대기열을 보세요")
            yield unwell("photos", found, fix, required=False)
        else:
            yield well("photos", found)
    if states.buried:
        found = Said(f"{states.buried} given up", f"포기한 사진 {states.buried}장")
        fix = "mapsi retry --buried"
        yield unwell("buried", found, Said(fix, fix), required=False)
