"""Which photos are analysed anew, and that neither a crash nor a second run costs anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from services.ingestion import reanalysis, tasks
from services.ingestion.commands import ingest
from services.ingestion.reanalysis import Which, ask_anew, due
from shared.bus import decode
from shared.contracts.clock import Tick
from shared.contracts.message import ModelRef
from shared.errors import RetryableError, UsageError
from shared.records.ingestion import Photo
from shared.records.photo_ledger import dig_up
from shared.records.trends import Settlement
from tests.hostile.sources import photo_bytes

OLD = ModelRef(name="segmenter", version="1", sha256="1" * 64)
NEW = ModelRef(name="segmenter", version="1", sha256="2" * 64)
EYES = ModelRef(name="classifier", version="1", sha256="0" * 64)
BEFORE = Which({"analyzed": {EYES, OLD}, "not_fashion": {EYES}})
AFTER = Which({"analyzed": {EYES, NEW}, "not_fashion": {EYES}})


@pytest.fixture
def history(installation):
    """Five photos: three analysed, one no fashion, one failed."""
    for number in range(5):
        (installation.folder / f"{number}.jpg").write_bytes(photo_bytes(number))
    installation.ingest(installation.folder)
    ids = [photo.photo_id for photo in installation.rows(Photo)]
    outcomes = ["analyzed"] * 3 + ["not_fashion", "failed"]
    for photo_id, outcome in zip(ids, outcomes, strict=True):
        end(installation, photo_id, outcome=outcome, models=(EYES, OLD))
    tick(installation)
    installation.broker.sent.clear()
    return installation, ids


def end(installation, photo_id, *, outcome="analyzed", models, generation=0) -> None:
    """Write what trends writes."""
    if outcome != "analyzed":
        models = (EYES,)
    with installation.database.transaction() as session:
        session.merge(
            Settlement(
                photo_id=photo_id,
                outcome=outcome,
                stage="color",
                models={model.name: model.mark for model in models},
                settled_at=datetime.now(UTC) + timedelta(seconds=1),
                generation=generation,
            )
        )


def tick(installation) -> list[tuple[str, ...]]:
    messages = tasks.republish_overdue(Tick(), installation.context)
    return [tuple(photo.photo_id for photo in message.photos) for message in messages]


def ask(installation, which: Which) -> list[str]:
    found = due(installation.database, which)
    assert sum(ask_anew(installation.database, installation.context, found)) == len(found)
    return found


def test_only_what_other_models_have_analysed_is_due(history):
    installation, ids = history
    assert due(installation.database, BEFORE) == []
    assert due(installation.database, AFTER) == ids[:3]
    new_eyes = EYES.model_copy(update={"sha256": "3" * 64})
    both = Which({"analyzed": {new_eyes, OLD}, "not_fashion": {new_eyes}})
    assert due(installation.database, both) == ids[:4]  # what failed is for `mapsi retry`


def test_a_model_that_came_or_went_makes_photos_due(history):
    installation, ids = history
    style = ModelRef(name="style-probe", version="1", sha256="5" * 64)
    came = Which({"analyzed": {EYES, OLD, style}, "not_fashion": {EYES}})
    went = Which({"analyzed": {EYES}, "not_fashion": {EYES}})
    assert due(installation.database, came) == due(installation.database, went) == ids[:3]


def test_photos_are_announced_with_the_next_generation(history):
    installation, ids = history
    assert ask(installation, AFTER) == ids[:3]
    assert installation.announced() == [tuple(ids[:3])]
    (name, message) = installation.broker.sent[0]
    assert name == "classification.classify_photos"
    assert {photo.generation for photo in message.photos} == {1}


def test_photos_on_their_way_are_not_asked_for_twice(history):
    installation, _ = history
    ask(installation, AFTER)
    assert due(installation.database, AFTER) == []


def test_the_old_end_is_no_end_for_them_and_the_new_one_is(history):
    installation, ids = history
    ask(installation, AFTER)
    tick(installation)
    assert installation.photo(ids[0]).closed_at is None
    end(installation, ids[0], models=(EYES, NEW), generation=1)
    tick(installation)
    assert installation.photo(ids[0]).closed_at is not None
    assert due(installation.database, AFTER) == []


def test_what_got_lost_on_the_way_is_announced_again(history):
    installation, ids = history
    ask(installation, AFTER)
    installation.age(130, *ids[:3])
    assert sorted(tick(installation)) == sorted((photo_id,) for photo_id in ids[:3])


def test_after_a_crash_before_the_announcement_the_reconciler_announces(history):
    installation, ids = history
    with installation.database.transaction() as session:
        reanalysis._reopen(session, ids[:2])  # and here the process dies
    installation.age(130)
    assert tick(installation) == [tuple(ids[:2])]
    assert due(installation.database, AFTER) == ids[2:3]  # the next run takes the rest


def test_while_the_broker_is_away_the_rest_stays_due(history):
    installation, ids = history
    installation.broker.accepts = 0
    with pytest.raises(RetryableError):
        ask(installation, AFTER)
    assert {installation.photo(photo_id).attempts for photo_id in ids[:3]} == {0}
    installation.broker.accepts = 10
    installation.age(130)
    assert tick(installation) == [tuple(ids[:3])]


def test_an_analysis_that_failed_anew_is_due_again(history):
    installation, ids = history
    ask(installation, AFTER)
    for photo_id in ids[:3]:  # trends keeps the old models in the mark
        end(installation, photo_id, models=(EYES, OLD), generation=1)
    assert due(installation.database, AFTER) == ids[:3]


def test_one_that_no_worker_finished_is_buried_and_can_be_put_back(history):
    installation, ids = history
    ask(installation, AFTER)
    for _ in range(3):
        installation.age(130, *ids[:3])
        tick(installation)
    assert installation.photo(ids[0]).buried_at is not None
    (message,) = dig_up(installation.database, Photo.photo_id == ids[0])
    assert message.photos[0].generation == 1
    assert due(installation.database, AFTER) == ids[1:3]


def test_retry_leaves_photos_alone_that_are_analysed_anew_and_well(history):
    installation, ids = history
    assert dig_up(installation.database, Photo.photo_id == ids[0]) == []


def test_a_source_or_a_time_limits_what_is_asked_for(history):
    installation, ids = history
    installation.change(ids[0], source="shop")
    installation.change(ids[1], posted_at=datetime(2020, 1, 1, tzinfo=UTC))
    shop = Which(AFTER.models, source="shop")
    recent = Which(AFTER.models, since=datetime(2021, 1, 1, tzinfo=UTC))
    assert due(installation.database, shop) == ids[:1]
    assert due(installation.database, recent) == [ids[0], ids[2]]


def test_all_takes_also_what_todays_models_have_analysed(history):
    installation, ids = history
    everything = Which(BEFORE.models, same_models_too=True)
    assert due(installation.database, everything) == ids[:4]


def test_messages_that_know_no_generation_are_of_the_first(history):
    installation, _ = history
    ask(installation, AFTER)
    (_, message) = installation.broker.sent[0]
    body = message.body()
    del body["photos"][0]["generation"]
    assert decode({"schema": message.schema_id, "body": body}).photos[0].generation == 0


@pytest.mark.parametrize(
    "arguments",
    [(), ("photos", "--reanalyze"), ("photos", "--since", "2026-01-01"), ("x", "--all")],
)
def test_options_that_do_not_go_together_are_refused_in_both_languages(arguments):
    refused = CliRunner().invoke(ingest, arguments).exception
    assert isinstance(refused, UsageError)
    assert "--reanalyze" in refused.text
    assert "--reanalyze" in refused.text_ko != refused.text
