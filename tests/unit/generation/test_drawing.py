"""The drawing side: a batch is drawn, stopped, delivered again, whatever draws it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.generation import following
from services.generation.backends import Drawing, Drawn, Watch
from services.generation.drawing import Desk, draw
from services.generation.files import JobFiles
from services.generation.settings import GenerationSettings
from shared.contracts.generation import LookDrawn, LookProgressed, LookWish, Order
from shared.errors import PermanentError, RetryableError
from shared.imaging import Pixels
from shared.storage import ObjectStore, StorageUnavailableError, open_url

ANN, BOB = "a" * 32, "b" * 32
STEPS = 4


def paint(seed: int) -> Pixels:
    """Return what the painter draws for a seed."""
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (72, 64, 3), dtype=np.uint8)


class Painter:
    """Draws noise in four steps; ``happens`` is called at each."""

    name = "painter"

    def __init__(self, happens: Callable[[int], None] = lambda step: None) -> None:
        self.asked: list[list[Drawing]] = []
        self.finished = 0
        self._happens = happens

    def load(self) -> None:
        """Nothing to load."""

    def draw(self, drawings: Sequence[Drawing], *, watch: Watch) -> list[Drawn]:
        self.asked.append(list(drawings))
        for number in range(STEPS):
            watch.step(number, STEPS, lambda: np.stack([paint(d.seed)[::8] for d in drawings]))
            self._happens(number)
        watch.step(STEPS, STEPS, None)
        self.finished += 1
        return [Drawn(paint(drawing.seed), {"painter": "1"}) for drawing in drawings]


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_url(tmp_path.as_uri())


@pytest.fixture(autouse=True)
def every_step_is_told(monkeypatch):
    monkeypatch.setattr(following, "PERIOD", 0.0)


def order(job_id: str = ANN, *, minutes: float = 5, attempt: int = 0, **wish) -> Order:
    look = {"backend": "sdxl", "words": "a coat", "width": 64, "height": 72, "seed": 7, **wish}
    return Order(
        job_id=job_id,
        wish=LookWish(**look),
        deadline=datetime.now(UTC) + timedelta(minutes=minutes),
        attempt=attempt,
    )


def desk(store: ObjectStore, painter: Painter, heard: list[LookProgressed] | None = None) -> Desk:
    told = heard if heard is not None else []
    return Desk(store, painter, GenerationSettings(), told.append)


def pixels(store: ObjectStore, key: str) -> Pixels:
    return np.asarray(Image.open(BytesIO(store.get(key))))


def call_off(store: ObjectStore, job_id: str = ANN) -> None:
    JobFiles(job_id, store).put("cancelled", b"", "text/plain")


def test_a_job_is_drawn_and_told_of_step_by_step(store):
    heard: list[LookProgressed] = []
    (drawn,) = draw([order(variants=2)], desk(store, Painter(), heard))
    assert isinstance(drawn, LookDrawn)
    assert [picture.seed for picture in drawn.pictures] == [7, 8]
    for picture in drawn.pictures:
        assert np.array_equal(pixels(store, picture.key), paint(picture.seed))
        assert (picture.width, picture.height) == (64, 72)
        assert picture.manifest["painter"] == "1"
    steps = [(news.state, news.step, news.preview) for news in heard]
    assert steps == [
        ("running", 0, False),
        *(("running", number, True) for number in range(STEPS)),
        ("running", STEPS, False),
    ]
    assert store.exists(JobFiles(ANN, store).key("preview.webp"))


def test_redelivery_draws_nothing_and_tells_the_same(store):
    painter = Painter()
    first = draw([order()], desk(store, painter))
    assert draw([order()], desk(store, painter)) == first
    assert painter.finished == 1


def test_redelivery_after_a_killed_worker_gives_the_same_bytes(store, tmp_path):
    def die(step: int) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        draw([order()], desk(store, Painter(die)))
    (drawn,) = draw([order()], desk(store, Painter()))
    elsewhere = open_url((tmp_path / "elsewhere").as_uri())
    (again,) = draw([order()], desk(elsewhere, Painter()))
    key = drawn.pictures[0].key
    assert again.pictures[0].key == key
    assert store.get(key) == elsewhere.get(key)


def test_another_attempt_has_other_seeds_and_louder_words(store):
    painter = Painter()
    wear = ({"category": "trousers", "color": "navy"},)
    draw([order(wear=wear)], desk(store, painter))
    again = order(wear=wear, attempt=1).model_copy(update={"stress": ("trousers",)})
    draw([again], desk(store, painter))
    (first,), (second,) = painter.asked
    assert first.seed != second.seed
    assert first.prompt != second.prompt
    assert len(list(store.list("generations/"))) == 5  # two pictures, two marks, a preview


def test_a_job_that_has_ended_only_tells_its_end(store):
    end = LookProgressed(job_id=ANN, state="cancelled", at=datetime.now(UTC))
    JobFiles(ANN, store).put_end(end)
    painter = Painter()
    assert draw([order()], desk(store, painter)) == [end]
    assert not painter.asked


@pytest.mark.parametrize("step", range(STEPS))
def test_a_job_stops_at_the_step_after_it_is_called_off(store, step):
    painter = Painter(lambda number: call_off(store) if number == step else None)
    heard: list[LookProgressed] = []
    assert draw([order()], desk(store, painter, heard)) == []
    assert (heard[-1].state, painter.finished) == ("cancelled", 0)
    assert heard[-2].step == step
    assert heard[-1].seconds > 0


def test_a_job_called_off_before_it_began_is_not_drawn(store):
    call_off(store)
    painter, heard = Painter(), list[LookProgressed]()
    assert draw([order()], desk(store, painter, heard)) == []
    assert [news.state for news in heard] == ["cancelled"]
    assert not painter.asked


def test_who_calls_off_does_not_stop_the_others_of_the_batch(store):
    painter = Painter(lambda number: call_off(store, ANN) if number == 1 else None)
    heard: list[LookProgressed] = []
    (drawn,) = draw([order(ANN), order(BOB, seed=9)], desk(store, painter, heard))
    assert drawn.job_id == BOB
    assert np.array_equal(pixels(store, drawn.pictures[0].key), paint(9))
    ends = [(news.job_id, news.state) for news in heard if news.state != "running"]
    assert ends == [(ANN, "cancelled")]
    assert not [key for key in store.list("generations/aa/") if key.endswith("a0.json")]


def test_too_late_is_told_in_the_wishs_language(store):
    heard: list[LookProgressed] = []
    assert draw([order(minutes=-1, language="ko")], desk(store, Painter(), heard)) == []
    assert heard[-1].state == "failed"
    assert "제한 시간" in heard[-1].reason


def test_a_batch_is_drawn_together_and_its_time_shared(store):
    painter = Painter()
    drawn = draw([order(ANN, variants=3), order(BOB)], desk(store, painter))
    assert [len(asked) for asked in painter.asked] == [4]
    assert [len(one.pictures) for one in drawn] == [3, 1]
    assert drawn[0].seconds == pytest.approx(3 * drawn[1].seconds)


def test_one_that_cannot_be_drawn_does_not_take_the_others_with_it(store):
    class Picky(Painter):
        def draw(self, drawings: Sequence[Drawing], *, watch: Watch) -> list[Drawn]:
            if any(drawing.seed == 13 for drawing in drawings):
                raise PermanentError("no such words", text_ko="그릴 수 없는 말")
            return super().draw(drawings, watch=watch)

    orders = [order(ANN, seed=13, language="ko"), order(BOB)]
    failed, drawn = draw(orders, desk(store, Picky()))
    assert (failed.state, failed.reason) == ("failed", "그릴 수 없는 말")
    assert drawn.job_id == BOB


def test_what_draws_is_away_gives_the_job_back(store):
    class Away(Painter):
        def draw(self, drawings: Sequence[Drawing], *, watch: Watch) -> list[Drawn]:
            raise RetryableError("the server is away")

    (news,) = draw([order()], desk(store, Away()))
    assert (news.state, news.reason) == ("queued", "the server is away")


def test_a_store_that_is_away_ends_nothing(store, monkeypatch):
    def away(key: str, data: bytes, *, content_type: str) -> None:
        raise StorageUnavailableError("s3", detail="no route")

    with monkeypatch.context() as patch:
        patch.setattr(store, "put", away)
        with pytest.raises(RetryableError):
            draw([order()], desk(store, Painter()))
    (drawn,) = draw([order()], desk(store, Painter()))
    assert isinstance(drawn, LookDrawn)


def test_an_edit_of_a_picture_that_is_gone_fails(store):
    (news,) = draw([order(edit={"of": BOB})], desk(store, Painter()))
    assert news.state == "failed"
    assert "not there" in news.reason


def test_while_a_model_loads_its_worker_says_that_it_lives(store):
    heard: list[LookProgressed] = []
    alive = threading.Event()

    class Slow(Painter):
        def load(self) -> None:
            assert alive.wait(60)

    def report(news: LookProgressed) -> None:
        heard.append(news)
        if len(heard) > 3:
            alive.set()

    settings = GenerationSettings(lease_seconds=1)
    (drawn,) = draw([order()], Desk(store, Slow(), settings, report))
    assert isinstance(drawn, LookDrawn)
    assert {news.state for news in heard} == {"running"}
