"""Drift and forecasts on both databases, as the trends worker looks at them."""

from __future__ import annotations

from datetime import timedelta
from math import isnan
from pathlib import Path

import pytest

from services.trends import rollup
from services.trends.monitoring.drift import read_drift
from services.trends.monitoring.watching import watch_models
from shared import metrics
from shared.contracts.vocabulary import CATEGORIES
from shared.records import Database
from shared.records.ingestion import Photo
from shared.settings import Settings
from shared.storage import open_storage
from shared.storage.keys import foretold_key
from tests.samples.looks import analyzed, photo, settled, weeks_later

pytestmark = pytest.mark.integration
WEEKS = 14
NOW = weeks_later(WEEKS, days=1)


@pytest.fixture
def street(database: Database) -> Database:
    """14 weeks of 40 photos, a half of them fashion; in the last week all, and all trousers."""
    for week in range(WEEKS):
        is_last = week == WEEKS - 1
        photos = [photo(f"{week}-{at}", posted_at=weeks_later(week)) for at in range(40)]
        with database.transaction() as session:
            session.add_all(
                Photo(
                    photo_id=one.photo_id, key=one.key, width=1, height=1, perceptual_hash=0,
                    fine_hash=b"", look_id=one.photo_id, posted_at=one.posted_at, source="street",
                    received_at=one.posted_at + timedelta(seconds=at),
                )
                for at, one in enumerate(photos)
            )  # fmt: skip
        looks = [
            analyzed(one, [("trousers" if is_last else CATEGORIES[at % 5], "blue")])
            for at, one in enumerate(photos)
            if is_last or at % 2
        ]
        rollup.count_photos(database, looks, author_cap=1000)
        rest = [] if is_last else [settled(one) for at, one in enumerate(photos) if not at % 2]
        rollup.settle_photos(database, rest, author_cap=1000)
    return database


def test_models_that_collapse_show_and_the_forecast_is_kept(
    street: Database, tmp_path: Path
) -> None:
    with street.reading() as session:
        before = read_drift(session, week=weeks_later(WEEKS - 2).date())
        now = read_drift(session, week=weeks_later(WEEKS - 1).date())
    assert before["fashion"] < 0.01 < 1 < now["fashion"]
    assert isnan(now["category"])  # 40 looks are too few to tell 13 categories apart
    storage = open_storage(Settings(data_dir=tmp_path))
    watch_models(street, storage, now=NOW)
    assert storage.exists(foretold_key(weeks_later(WEEKS - 1).date()))
    assert metrics.DRIFT_PSI.labels("fashion")._value.get() == pytest.approx(now["fashion"])
