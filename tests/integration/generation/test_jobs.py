"""Jobs on a real database: their turns, their leases, their attempts, and their one end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, update

from services.generation.backends import Drawing, Drawn
from services.generation.drawing import Desk, draw
from services.generation.editing.region import dilate
from services.generation.files import JobFiles
from services.generation.finishing import encode
from services.generation.jobs.accepting import accept
from services.generation.jobs.attempts import take
from services.generation.jobs.book import Book
from services.generation.jobs.dispatching import MAX_LOSSES, dispatch
from services.generation.jobs.ending import note
from services.generation.review import Sight
from services.generation.reviewing import review
from services.generation.settings import GenerationSettings
from services.segmentation.domain import describe
from shared.contracts.generation import (
    BoardOrdered,
    DrawnPicture,
    Edit,
    LookDrawn,
    LookPiece,
    LookProgressed,
    LookRequested,
    LooksOrdered,
    LookWish,
    Order,
    WornGarment,
)
from shared.records.gateway import Wish
from shared.records.generation import GpuShare, Job
from shared.storage import open_url
from tests.together import run_together

pytestmark = pytest.mark.integration
ANN, BOB, CLEO = "a" * 32, "b" * 32, "c" * 32
TROUSERS = WornGarment(category="trousers", color="navy")


both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
"""For what asks the database for more than rows by their keys."""


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    name = getattr(request, "param", "sqlite")
    url: str = request.getfixturevalue(f"{name}_database_url")
    return url


@pytest.fixture
def book(database, tmp_path) -> Book:
    settings = GenerationSettings(in_flight=1, max_batch=4, attempts=2, lease_seconds=60)
    return Book(database, open_url((tmp_path / "objects").as_uri()), settings, "sdxl")


def look(**more) -> LookWish:
    return LookWish(**{"backend": "sdxl", "wear": (TROUSERS,), "width": 64, "height": 64, **more})


def wish(book: Book, job_id: str, requester: str = "ann", *, minutes: float = 5, **more) -> list:
    deadline = datetime.now(UTC) + timedelta(minutes=minutes)
    asked = LookRequested(job_id=job_id, wish=look(**more), deadline=deadline, requester=requester)
    return accept(asked, book)


def orders(book: Book) -> list[Order]:
    return [
        order
        for message in dispatch(book)
        if isinstance(message, LooksOrdered)
        for order in message.orders
    ]


def job(book: Book, job_id: str) -> Job:
    with book.database.reading() as session:
        return session.get_one(Job, job_id)


def shares(book: Book) -> dict[str, float]:
    with book.database.reading() as session:
        return {share.requester: share.pictures for share in session.scalars(select(GpuShare))}


def news(job_id: str, state: str = "running", **more) -> LookProgressed:
    return LookProgressed(job_id=job_id, state=state, at=datetime.now(UTC), **more)


def lost_in_hand() -> float:
    """Return how many looks were lost with a worker."""
    return REGISTRY.get_sample_value("mapsi_look_retries_total", {"cause": "lost"}) or 0.0


def let_the_lease_run_out(book: Book, job_id: str) -> None:
    with book.database.transaction() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(Job).where(Job.job_id == job_id).values(lease_until=past))


def drawn(book: Book, order: Order) -> LookDrawn:
    """Draw an order as the GPU side does."""
    files = JobFiles(order.job_id, book.storage)
    pictures = []
    for variant in range(1, order.wish.variants + 1):
        name = f"a{order.attempt}-{variant}.png"
        pixels = np.full((64, 64, 3), 40 * order.attempt + variant, np.uint8)
        files.put(name, encode(pixels), "image/png")
        seed = 100 * order.attempt + variant
        pictures.append(
            DrawnPicture(variant=variant, key=files.key(name), width=64, height=64, seed=seed)
        )
    whole = LookDrawn(
        job_id=order.job_id, attempt=order.attempt, pictures=tuple(pictures), seconds=2.0
    )
    files.put_drawn(whole)
    return whole


def nothing_seen(pixels) -> Sight:
    return Sight(garments=(), alternatives=(), faces=(), fashion=0.9)


def finish(book: Book, message: LookDrawn) -> None:
    taken = take(message, book)
    assert taken is not None
    review(message, taken, book, nothing_seen)


@both_databases
def test_a_wish_announced_twice_is_one_job_and_ordered_once(book):
    wish(book, ANN)
    wish(book, ANN)
    assert [order.job_id for order in orders(book)] == [ANN]
    assert orders(book) == []
    assert shares(book) == {"ann": pytest.approx(64 * 64 / 1024**2)}


def test_a_board_needs_no_turn(book):
    piece = LookPiece(photo_id="0" * 64, analysis_key="a.json", photo_key="a.jpg", garment=0)
    (board,) = wish(book, ANN, backend="lookbook", wear=(), pieces=(piece,))
    assert isinstance(board, BoardOrdered)
    assert orders(book) == []


def test_what_nobody_here_draws_fails_with_what_to_do(book):
    wish(book, ANN, backend="comfyui", language="ko")
    assert job(book, ANN).state == "failed"
    assert "MAPSI_DRAWER=comfyui" in job(book, ANN).reason
    assert book.files(ANN).end().state == "failed"


def test_a_wish_that_an_older_version_took_ends_and_stops_nobody(book):
    wish(book, ANN)
    wish(book, BOB, "bob")
    with book.database.transaction() as session:
        old = {"backend": "sdxl", "language": "ko", "mood": "wistful"}
        session.execute(update(Job).where(Job.job_id == ANN).values(wish=old))
    assert [order.job_id for order in orders(book)] == [BOB]
    assert "읽을 수 없습니다" in job(book, ANN).reason


@both_databases
def test_only_so_much_is_out_as_the_settings_allow_and_people_take_turns(book):
    for number in range(8):
        wish(book, f"{number:032x}", "ann", variants=4)
    wish(book, BOB, "bob", variants=4)
    served = []
    for _ in range(3):
        (order,) = orders(book)
        served.append(order.job_id)
        assert take(drawn(book, order), book) is not None
    assert served == [f"{0:032x}", BOB, f"{1:032x}"]


def test_alike_jobs_are_ordered_together_but_no_edit(book):
    for number in range(3):
        wish(book, f"{number:032x}", f"p{number}")
    wish(book, BOB, "bob", edit=Edit(of=ANN))
    (together,) = dispatch(book)
    assert len(together.orders) == 3
    for order in together.orders:
        take(drawn(book, order), book)
    assert [order.job_id for order in orders(book)] == [BOB]


@both_databases
def test_dispatchers_that_run_together_order_each_job_once(book):
    for number in range(12):
        wish(book, f"{number:032x}", f"p{number % 3}", variants=4)
    several = Book(
        book.database, book.storage, GenerationSettings(in_flight=8, max_batch=4), "sdxl"
    )
    found: list[Order] = []
    run_together(*(lambda: found.extend(orders(several)) for _ in range(4)))
    assert len(found) == len({order.job_id for order in found}) == 8


@both_databases
def test_a_lease_that_ran_out_is_given_to_another_worker_and_not_charged_twice(book):
    wish(book, ANN)
    before = lost_in_hand()
    (first,) = orders(book)
    assert orders(book) == []
    let_the_lease_run_out(book, ANN)
    (again,) = orders(book)
    assert again == first
    assert job(book, ANN).losses == 0, "its worker never began"
    assert lost_in_hand() == before
    assert shares(book) == {"ann": pytest.approx(64 * 64 / 1024**2)}


def test_a_sign_of_life_keeps_the_lease(book):
    wish(book, ANN)
    orders(book)
    before = job(book, ANN).lease_until
    note(news(ANN, step=3, steps=9), book)
    note(news(ANN, step=3, steps=9), book)
    after = job(book, ANN)
    assert after.lease_until > before
    assert (after.state, after.step, after.steps) == ("running", 3, 9)


def test_a_job_that_kills_its_workers_fails_and_says_so(book):
    wish(book, ANN)
    before = lost_in_hand()
    for _ in range(MAX_LOSSES):
        assert [order.job_id for order in orders(book)] == [ANN]
        note(news(ANN, step=1, steps=9), book)
        let_the_lease_run_out(book, ANN)
    assert orders(book) == []
    assert lost_in_hand() == before + MAX_LOSSES
    assert job(book, ANN).state == "failed"
    assert "workers ended" in job(book, ANN).reason


def test_pictures_whose_news_was_lost_are_looked_at_and_not_drawn_again(book):
    wish(book, ANN)
    (order,) = orders(book)
    whole = drawn(book, order)
    let_the_lease_run_out(book, ANN)
    assert dispatch(book) == [whole]
    assert dispatch(book) == []


def test_what_draws_is_away_waits_a_little_and_then_for_its_turn(book):
    wish(book, ANN)
    orders(book)
    assert note(news(ANN, "queued", reason="the server is away"), book)
    assert shares(book) == {"ann": 0.0}
    assert orders(book) == []
    let_the_lease_run_out(book, ANN)
    assert [order.job_id for order in orders(book)] == [ANN]
    assert job(book, ANN).losses == 0


def test_a_deadline_that_passed_in_the_queue_ends_the_job_with_the_last_reason(book):
    wish(book, ANN)
    orders(book)
    note(news(ANN, "queued", reason="the server is away"), book)
    with book.database.transaction() as session:
        session.execute(update(Job).values(deadline=datetime.now(UTC) - timedelta(seconds=1)))
    let_the_lease_run_out(book, ANN)
    assert orders(book) == []
    assert job(book, ANN).state == "failed"
    assert "the server is away" in job(book, ANN).reason


@both_databases
@pytest.mark.parametrize("is_out", [False, True])
def test_a_job_that_is_called_off_ends_wherever_it_is(book, is_out):
    now = datetime.now(UTC)
    with book.database.transaction() as session:
        session.add(
            Wish(
                job_id=ANN, key_id="ann", wish={}, created_at=now, deadline=now,
                cancelled_at=None if is_out else now, published_at=now, publications=1,
            )
        )  # fmt: skip
    wish(book, ANN)
    if is_out:
        assert orders(book)
        with book.database.transaction() as session:
            session.execute(update(Wish).values(cancelled_at=now))
    assert orders(book) == []
    assert job(book, ANN).state == "cancelled"
    assert book.files(ANN).end().state == "cancelled"


def test_a_wish_that_was_called_off_before_it_came_is_kept_without_its_words(book):
    book.files(ANN).put("cancelled", b"", "application/octet-stream")
    wish(book, ANN)
    row = job(book, ANN)
    assert (row.state, row.requester, row.wish) == ("cancelled", "", {})


@both_databases
def test_what_does_not_pass_is_ordered_again_with_other_seeds_and_louder(book):
    wish(book, ANN)
    (first,) = orders(book)
    finish(book, drawn(book, first))
    (second,) = orders(book)
    assert (second.attempt, second.stress) == (1, ("trousers",))
    assert job(book, ANN).state != "done"
    finish(book, drawn(book, second))
    end = book.files(ANN).end()
    assert (end.state, end.manifest["attempts"]) == ("done", 2)
    assert end.manifest["passed"] is False
    assert orders(book) == []


def test_of_all_attempts_the_best_pictures_are_kept(book):
    def seen(pixels) -> Sight:
        # The first attempt's second picture is the only one that shows no second person.
        faces = () if pixels.mean() == 2 else ((8.0, 8.0, 24.0, 24.0), (30.0, 8.0, 46.0, 24.0))
        return Sight(garments=(), alternatives=(), faces=faces, fashion=0.9)

    wish(book, ANN, variants=2)
    for _ in range(2):
        (order,) = orders(book)
        whole = drawn(book, order)
        review(whole, take(whole, book), book, seen)
    pictures = book.files(ANN).end().manifest["pictures"]
    assert (pictures[0]["review"]["attempt"], pictures[0]["review"]["variant"]) == (0, 2)
    assert pictures[0]["seed"] == 2
    assert len(pictures) == 2


def withheld(message: LookDrawn, *variants: int) -> LookDrawn:
    """Let the checker have taken these pictures for naked."""
    pictures = tuple(
        picture.model_copy(update={"manifest": {"withheld": True}})
        if picture.variant in variants
        else picture
        for picture in message.pictures
    )
    return message.model_copy(update={"pictures": pictures})


def test_what_the_checker_withheld_is_never_handed_over(book):
    wish(book, ANN, variants=2)
    for _ in range(2):
        (order,) = orders(book)
        finish(book, withheld(drawn(book, order), 1))
    pictures = book.files(ANN).end().manifest["pictures"]
    assert [picture["review"]["variant"] for picture in pictures] == [2, 2]


def test_a_job_of_which_everything_was_withheld_fails_and_says_so(book):
    wish(book, ANN, language="ko")
    for _ in range(2):
        (order,) = orders(book)
        finish(book, withheld(drawn(book, order), 1))
    assert job(book, ANN).state == "failed"
    assert "보류" in job(book, ANN).reason
    assert not book.storage.exists(book.files(ANN).key("picture.png"))


def test_no_attempt_is_begun_that_could_not_be_in_time(book):
    wish(book, ANN)
    (order,) = orders(book)
    with book.database.transaction() as session:
        soon = datetime.now(UTC) + timedelta(seconds=3)  # an attempt took 2 s of the GPU
        session.execute(update(Job).values(deadline=soon))
    finish(book, drawn(book, order))
    assert book.files(ANN).end().manifest["attempts"] == 1


def test_pictures_that_come_twice_are_handed_over_once(book):
    wish(book, ANN)
    (first,) = orders(book)
    old = drawn(book, first)
    finish(book, old)
    assert take(old, book) is None, "another attempt was ordered since"
    (second,) = orders(book)
    finish(book, drawn(book, second))
    assert take(drawn(book, second), book) is None
    assert job(book, ANN).state == "done"


def test_a_reviewer_that_died_after_the_end_was_written_changes_nothing(book):
    wish(book, ANN)
    (order,) = orders(book)
    whole = drawn(book, order)
    taken = take(whole, book)
    book.files(ANN).put_end(news(ANN, "done", manifest={"by": "the first reviewer"}))
    review(whole, taken, book, nothing_seen)
    if job(book, ANN).state != "done":  # it was ordered again: whoever gets it, tells the end
        assert note(book.files(ANN).end(), book)
    assert job(book, ANN).manifest == {"by": "the first reviewer"}


def test_what_a_slow_worker_writes_after_the_end_is_removed(book):
    wish(book, ANN)
    (order,) = orders(book)
    note(news(ANN, "done"), book)
    late = drawn(book, order)
    assert take(late, book) is None
    assert [key.rpartition("/")[2] for key in book.storage.list("generations/")] == [
        "manifest.json"
    ]


def test_who_is_erased_while_being_drawn_leaves_nothing(book):
    wish(book, ANN)
    (order,) = orders(book)
    book.files(ANN).put("cancelled", b"", "application/octet-stream")
    with book.database.transaction() as session:
        session.delete(session.get_one(Job, ANN))
    assert take(drawn(book, order), book) is None
    assert not note(news(ANN, "cancelled"), book)
    names = [key.rpartition("/")[2] for key in book.storage.list("generations/")]
    assert names == ["cancelled"]


def seen_dressed(pixels) -> Sight:
    """See a shirt above trousers, where they are."""
    shirt, trousers = np.zeros((2, *pixels.shape[:2]), bool)
    shirt[8:30, 20:44], trousers[34:60, 20:44] = True, True
    garments = (describe("long_sleeved_shirt", 0.9, shirt), describe("trousers", 0.9, trousers))
    return Sight(garments=garments, alternatives=garments, faces=(), fashion=0.9)


def test_an_edit_begins_with_the_parents_own_bits_and_seed_and_changes_only_the_garment(book):
    class Painter:
        name = "painter"

        def __init__(self) -> None:
            self.asked: list[Drawing] = []

        def load(self) -> None:
            """Nothing to load."""

        def draw(self, drawings, *, watch) -> list[Drawn]:
            self.asked += drawings
            random = np.random.default_rng(len(self.asked))
            return [Drawn(random.integers(0, 256, (64, 64, 3), np.uint8), {}) for _ in drawings]

    def draws(job_id: str) -> dict:
        (order,) = orders(book)
        (whole,) = draw([order], Desk(book.storage, painter, book.settings, lambda news: None))
        review(whole, take(whole, book), book, seen_dressed)
        assert job(book, job_id).state == "done"
        return book.files(job_id).end().manifest["pictures"][0]

    def pixels(job_id: str, name: str) -> np.ndarray:
        files = book.files(job_id)
        return files.pixels(files.key(name)).astype(int)

    book = replace(book, settings=book.settings.model_copy(update={"attempts": 1}))
    painter = Painter()
    wish(book, ANN, seed=11)
    before = draws(ANN)
    wear = (TROUSERS.model_copy(update={"color": "red"}),)
    wish(book, BOB, wear=wear, edit=Edit(of=ANN, garment=1))
    after = draws(BOB)
    _, edit = painter.asked
    assert edit.seed == before["seed"] == after["seed"] == 11
    assert np.array_equal(edit.start, pixels(ANN, "1.raw.png"))
    assert edit.mask is not None
    kept = edit.mask == 0
    assert 0.3 < kept.mean() < 0.95
    assert np.array_equal(pixels(ANN, "1.raw.png")[kept], pixels(BOB, "1.raw.png")[kept])
    assert after["edit"]["psnr_outside"] is None
    assert not np.array_equal(pixels(ANN, "1.raw.png"), pixels(BOB, "1.raw.png"))
    assert after["finish"]["black"] == before["finish"]["black"]
    # Sharpening reaches a few pixels beyond the mask, and no further.
    far = ~dilate(~kept, 5)
    assert np.array_equal(pixels(ANN, "1.png")[far], pixels(BOB, "1.png")[far])
