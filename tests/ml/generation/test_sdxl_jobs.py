"""A job on a worker that draws with SDXL: from the order to pictures in the store."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from services.generation.backends import open_backend
from services.generation.drawing import Desk, draw
from services.generation.settings import GenerationSettings
from shared.contracts.generation import LookDrawn, LookProgressed, LookWish, Order, WornGarment
from shared.imaging import decode
from shared.settings import Settings
from shared.storage import ObjectStore, open_storage

if TYPE_CHECKING:
    from tests.samples.tiny_sdxl import TinySdxl

pytestmark = [
    pytest.mark.ml,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

FIRST, SECOND = "a" * 32, "b" * 32


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_storage(Settings(data_dir=tmp_path / "data"))


@pytest.fixture
def heard() -> list[LookProgressed]:
    return []


@pytest.fixture
def desk(store: ObjectStore, heard: list[LookProgressed], tiny: TinySdxl) -> Callable[[], Desk]:
    settings = GenerationSettings(
        sdxl_model=str(tiny.base),
        sdxl_vae=None,
        sdxl_loras={str(tiny.lora_kohya): 0.5},
        sdxl_fast_lora=str(tiny.lora),
        sdxl_steps=4,
    )
    return lambda: Desk(store, open_backend("sdxl", settings), settings, heard.append)


def order(job: str, *, variants: int = 1, late: bool = False) -> Order:
    shirt = WornGarment(category="long_sleeved_shirt", color="white")
    wish = LookWish(backend="sdxl", wear=(shirt,), variants=variants, width=64, height=64, seed=5)
    hour = timedelta(hours=-1 if late else 1)
    return Order(job_id=job, wish=wish, deadline=datetime.now(UTC) + hour)


def test_two_jobs_are_drawn_together_and_kept_apart(
    desk: Callable[[], Desk], store: ObjectStore, heard: list[LookProgressed]
) -> None:
    messages = draw([order(FIRST, variants=2), order(SECOND)], desk())
    drawn = {message.job_id: message for message in messages if isinstance(message, LookDrawn)}
    assert {job: len(message.pictures) for job, message in drawn.items()} == {FIRST: 2, SECOND: 1}
    first, second = drawn[FIRST].pictures
    one, two = (decode(store.get(p.key), name="picture").pixels for p in (first, second))
    assert one.shape == (64, 64, 3)
    assert not np.array_equal(one, two)
    assert first.manifest["batch"] == 3
    assert first.manifest["loras"][0]["scale"] == 0.5
    assert "white" in first.manifest["prompt"]
    for count in first.manifest["tokens"].values():
        assert count["dropped"] == 0
    assert first.manifest["shown_to"] == "owner"
    json.dumps(first.manifest)
    assert {news.state for news in heard} == {"running"}
    assert max(news.step for news in heard) == 4


def test_an_order_that_comes_again_is_drawn_once(
    desk: Callable[[], Desk], store: ObjectStore
) -> None:
    (first,) = draw([order(FIRST)], desk())
    (again,) = draw([order(FIRST)], desk())
    assert again == first


def test_a_worker_that_starts_anew_draws_the_same_picture(
    desk: Callable[[], Desk], store: ObjectStore
) -> None:
    (drawn,) = draw([order(FIRST)], desk())
    (other,) = draw([order(SECOND)], desk())
    assert isinstance(drawn, LookDrawn)
    assert isinstance(other, LookDrawn)
    assert store.get(drawn.pictures[0].key) == store.get(other.pictures[0].key)


def test_a_job_called_off_or_too_late_is_not_drawn(
    desk: Callable[[], Desk], store: ObjectStore, heard: list[LookProgressed]
) -> None:
    from services.generation.files import JobFiles

    JobFiles(FIRST, store).put("cancelled", b"", "text/plain")
    assert draw([order(FIRST), order(SECOND, late=True)], desk()) == []
    assert {news.job_id: news.state for news in heard} == {FIRST: "cancelled", SECOND: "failed"}
