"""Who, when, which look, and what is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from services.ingestion.domain import (
    Fingerprint,
    Limits,
    NearDuplicates,
    PostFacts,
    Witness,
    lost_before,
    posting_date,
    pseudonym,
    record_post,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = b"0123456789abcdef"
OVERDUE = timedelta(seconds=120)


def test_one_author_has_one_pseudonym_however_the_name_is_written():
    written = ("kim_mina", "@kim_mina", "Kim_Mina", " kim_mina ", "ＫＩＭ_mina")
    assert len({pseudonym(name, key=KEY) for name in written}) == 1
    assert pseudonym("김민아", key=KEY) == pseudonym("김민아", key=KEY)


def test_a_pseudonym_cannot_be_guessed_without_the_key():
    assert pseudonym("kim", key=KEY) != pseudonym("kim", key=b"another key of 16")
    assert pseudonym("kim", key=KEY) != pseudonym("lee", key=KEY)
    assert len(pseudonym("kim", key=KEY)) == 32
    assert set(pseudonym("kim", key=KEY)) <= set("0123456789abcdef")


def post(facts: PostFacts = PostFacts(), witness: Witness = Witness(), photo: str = "a" * 64):  # noqa: B008
    return record_post(photo, facts, source="street", key=KEY, witness=witness, now=NOW)


def test_copying_a_file_makes_no_new_post():
    first = post(witness=Witness(modified=NOW - timedelta(days=9)))
    assert post(witness=Witness(modified=NOW - timedelta(days=1))).post_id == first.post_id


@pytest.mark.parametrize(
    "facts",
    [
        PostFacts(author="kim"),
        PostFacts(url="https://example.com/1"),
        PostFacts(source="shop"),
        PostFacts(posted_at=NOW - timedelta(days=1)),
    ],
)
def test_another_author_url_source_or_date_makes_another_post(facts):
    assert post(facts).post_id != post().post_id
    assert post(facts, photo="b" * 64).post_id != post(facts).post_id


def test_the_stated_date_comes_before_the_cameras_and_that_before_the_files():
    stated, taken, modified = (NOW - timedelta(days=days) for days in (1, 2, 3))
    assert posting_date(stated, Witness(taken, modified), now=NOW) == stated
    assert posting_date(None, Witness(taken, modified), now=NOW) == taken
    assert posting_date(None, Witness(None, modified), now=NOW) == modified
    assert posting_date(None, Witness(), now=NOW) == NOW


@pytest.mark.parametrize("wrong", [datetime(1980, 1, 1, tzinfo=UTC), NOW + timedelta(days=1)])
def test_a_clock_that_was_never_set_is_not_believed(wrong):
    modified = NOW - timedelta(days=3)
    assert posting_date(None, Witness(wrong, modified), now=NOW) == modified
    assert posting_date(None, Witness(wrong, wrong), now=NOW) == NOW


def flipped(print_: Fingerprint, *, coarse: int = 0, fine: int = 0) -> Fingerprint:
    return Fingerprint(print_.coarse ^ (2**coarse - 1), print_.fine ^ (2**fine - 1))


@pytest.fixture
def prints() -> list[Fingerprint]:
    random = Random(5)
    return [Fingerprint(random.getrandbits(64), random.getrandbits(256)) for _ in range(3000)]


def index_of(prints: list[Fingerprint]) -> NearDuplicates:
    index = NearDuplicates(Limits(coarse=10, fine=60))
    for start in range(0, len(prints), 700):
        part = prints[start : start + 700]
        index.extend(
            range(start + 1, start + len(part) + 1),
            [print_.coarse for print_ in part],
            b"".join(print_.fine_bytes() for print_ in part),
        )
    return index


def test_a_near_duplicate_is_found_up_to_both_limits(prints):
    index = index_of(prints)
    assert len(index) == 3000 and index.newest == 3000
    for arrival in (1, 700, 701, 3000):
        print_ = prints[arrival - 1]
        assert index.earliest(flipped(print_, coarse=10, fine=60)) == arrival
        assert index.earliest(flipped(print_, coarse=11, fine=60)) is None
        assert index.earliest(flipped(print_, coarse=10, fine=61)) is None


def test_the_first_of_several_near_duplicates_counts(prints):
    original = prints[7]
    index = index_of([*prints, flipped(original, coarse=1), flipped(original, fine=1)])
    assert index.earliest(flipped(original, coarse=2, fine=2)) == 8


def test_the_index_and_a_single_comparison_agree(prints):
    index, limits = index_of(prints[:1]), Limits(coarse=10, fine=60)
    for coarse, fine in ((0, 0), (10, 60), (11, 0), (0, 61), (64, 256)):
        other = flipped(prints[0], coarse=coarse, fine=fine)
        assert (index.earliest(other) == 1) == other.is_near(prints[0], limits)


def test_an_empty_index_finds_nothing_and_time_only_goes_forward(prints):
    index = NearDuplicates(Limits(coarse=10, fine=60))
    assert index.earliest(prints[0]) is None and index.newest == 0
    index.extend([5], [1], bytes(32))
    with pytest.raises(ValueError, match="not later"):
        index.extend([5], [2], bytes(32))


def lost(lengths: dict[str, int], newest_analyzed: datetime | None) -> datetime | None:
    return lost_before(lengths, now=NOW, newest_analyzed=newest_analyzed, overdue_after=OVERDUE)


def test_a_long_queue_is_no_loss():
    assert lost({"segmentation": 4000}, None) is None
    settled = NOW - timedelta(hours=2)
    assert lost({"segmentation": 4000}, settled) == settled - OVERDUE


def test_when_all_queues_are_empty_what_is_not_settled_is_lost():
    assert lost({}, None) == NOW - OVERDUE
    assert lost({"segmentation": 0, "unacked": 1}, None) == NOW - OVERDUE


def test_a_message_in_a_workers_hands_is_not_lost():
    assert lost({"unacked": 2}, None) is None


def test_drawing_looks_and_new_uploads_do_not_count_as_the_photos_queues():
    assert lost({"generation": 50, "ingestion": 50, "unacked": 1}, None) == NOW - OVERDUE
