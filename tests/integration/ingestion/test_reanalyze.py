"""``mapsi ingest --reanalyze`` from end to end: real databases, real stages, fake engines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from sqlalchemy import func, select

from services.classification import tasks as classification
from services.classification.model import FakeClassifier
from services.color import tasks as color
from services.ingestion import commands
from services.segmentation import tasks as segmentation
from services.segmentation.model import FakeSegmenter
from services.trends import tasks as trends
from services.trends.recount import recount, recount_from_analyses
from shared import bus
from shared.contracts.vocabulary import ALL
from shared.records import Database
from shared.records.trends import Cell, Fact, Settlement
from shared.settings import Settings
from shared.storage import open_storage
from tests.samples.styles import write_style

pytestmark = pytest.mark.integration
PHOTOS = 34
CAP = 3


@dataclass(eq=False)
class Queue:
    """A broker in this process: messages wait until ``drain`` runs them, stage after stage."""

    waiting: list[tuple[str, Any]] = field(default_factory=list)

    def ping(self) -> None: ...

    def send_task(
        self, name: str, *, kwargs: dict[str, Any], queue: str, headers: dict[str, Any]
    ) -> None:
        self.waiting.append((name, bus.decode(kwargs)))


@dataclass(eq=False)
class House:
    """An installation whose workers run when the test says so."""

    context: bus.Context
    database: Database
    queue: Queue
    photos: Path

    def call(self, *arguments: str) -> dict[str, Any]:
        """Run ``mapsi ingest`` and return its JSON."""
        answer = CliRunner().invoke(commands.ingest, [*arguments, "--json"])
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.output
        told: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
        return told

    def drain(self, messages: int | None = None) -> None:
        """Let the workers handle what waits, or only the first messages."""
        while self.queue.waiting and messages != 0:
            name, message = self.queue.waiting.pop(0)
            bus.run(name, message, self.context)
            messages = None if messages is None else messages - 1

    def looks(self) -> dict[str, int]:
        """Looks by item, after checking the counts against the facts and the stored analyses."""
        assert recount(self.database, author_cap=CAP) == []
        with self.database.reading() as session:
            cells = session.execute(
                select(Cell.item, func.sum(Cell.looks))
                .where(Cell.color == ALL, Cell.pattern == ALL)
                .group_by(Cell.item)
            )
            looks = {item: int(number) for item, number in cells}
        stored = recount_from_analyses(self.database, self.context.storage, author_cap=CAP)
        everything = [n for cell, n in stored.items() if cell[1:4] == (ALL, ALL, ALL)]
        assert sum(everything) == looks.get(ALL, 0)
        return looks

    def facts(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Fact)) or 0

    def marks(self) -> list[Settlement]:
        with self.database.reading() as session:
            return list(session.scalars(select(Settlement).order_by(Settlement.photo_id)))


@pytest.fixture
def house(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Photos on an installation with fake engines and a style probe that reads them."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(PHOTOS):
        draw(number).save(folder / f"{number}.png")
    url = database.engine.url.render_as_string(hide_password=False)
    for name, value in {
        "MAPSI_DATA_DIR": str(tmp_path / "data"),
        "MAPSI_DATABASE_URL": url,
        "MAPSI_CLASSIFICATION_ENGINE": "fake",
        "MAPSI_SEGMENTATION_ENGINE": "fake",
        "MAPSI_STYLE_WEIGHTS": str(write_style(tmp_path / "style")),
        "MAPSI_LANG": "en",
    }.items():
        monkeypatch.setenv(name, value)
    settings, queue = Settings(), Queue()
    hosted = frozenset({"classification", "segmentation", "color", "trends"})
    context: Any = bus.Context(settings, open_storage(settings), queue, queue, hosted)  # type: ignore[arg-type]

    @contextmanager
    def open_stores(given: Settings) -> Iterator[tuple[bus.Context, Database]]:
        yield bus.Context(given, context.storage, queue, queue), database  # type: ignore[arg-type]

    monkeypatch.setattr(commands, "open_stores", open_stores)
    monkeypatch.setattr(trends, "_database", lambda url: database)
    restart()
    yield House(context, database, queue, folder)
    restart()


def draw(number: int) -> Image.Image:
    """Draw a photo of coloured squares; another number draws another look."""
    squares = np.random.default_rng(number).integers(0, 256, (8, 6, 3), np.uint8)
    return Image.fromarray(squares).resize((120, 160), Image.Resampling.NEAREST)


def restart() -> None:
    """Let the workers load their models again."""
    for cached in (classification._classifier, segmentation._segmenter, color._namer):
        cached.cache_clear()


Swap = Callable[[str], None]


@pytest.fixture
def swap(monkeypatch: pytest.MonkeyPatch) -> Swap:
    """Put another segmenter in the place of the first: it finds trousers and no shirt."""
    find = FakeSegmenter._predict_one

    def change(version: str) -> None:
        reference = FakeSegmenter.reference.model_copy(update={"version": version})
        monkeypatch.setattr(FakeSegmenter, "reference", reference)
        only_trousers = lambda self, *size: find(self, *size)[1:]  # noqa: E731
        monkeypatch.setattr(
            FakeSegmenter, "_predict_one", only_trousers if version != "1" else find
        )
        restart()

    return change


def test_history_is_recomputed_once_by_the_new_model(house: House, swap: Swap) -> None:
    assert house.call(str(house.photos))["new"] == PHOTOS
    house.drain()
    before = house.looks()
    assert before["long_sleeved_shirt"] == before["trousers"] == before[ALL] > 0
    swap("2")
    ended = len(house.marks())
    assert house.call("--reanalyze") == {"reanalyzed": ended}
    assert house.looks() == before  # until it is done, all shows what was known
    house.drain()
    after = house.looks()
    assert after["trousers"] == after[ALL] == before[ALL]
    assert "long_sleeved_shirt" not in after
    assert house.facts() == before["trousers"]
    assert {mark.models["segmenter-fake"][:1] for mark in house.marks()} == {"2"}
    assert {mark.generation for mark in house.marks()} == {1}


def test_a_second_run_with_the_same_models_does_nothing(house: House, swap: Swap) -> None:
    house.call(str(house.photos))
    house.drain()
    assert house.call("--reanalyze") == {"reanalyzed": 0}
    swap("2")
    house.call("--reanalyze")
    house.drain()
    marks = [(mark.photo_id, mark.settled_at) for mark in house.marks()]
    assert house.call("--reanalyze") == {"reanalyzed": 0}
    assert house.queue.waiting == []
    assert [(mark.photo_id, mark.settled_at) for mark in house.marks()] == marks


def test_messages_that_come_twice_or_stop_half_way_count_nothing_twice(
    house: House, swap: Swap
) -> None:
    house.call(str(house.photos))
    late = [*house.queue.waiting]
    house.drain()
    before = house.looks()
    swap("2")
    house.call("--reanalyze")
    again = [*house.queue.waiting]
    house.drain(messages=1)
    assert house.looks()[ALL] == before[ALL]  # some by the old model, some by the new: each once
    house.queue.waiting = [*late, *again, *late, *again]
    house.drain()
    after = house.looks()
    assert after["trousers"] == after[ALL] == before[ALL]
    assert "long_sleeved_shirt" not in after


def test_the_model_before_can_be_put_back(house: House, swap: Swap) -> None:
    house.call(str(house.photos))
    house.drain()
    before = house.looks()
    for version in ("2", "1"):
        swap(version)
        house.call("--reanalyze")
        house.drain()
    assert house.looks() == before


def test_another_classifier_changes_what_is_fashion_and_back(
    house: House, swap: Swap, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.call(str(house.photos))
    house.drain()
    before = house.looks()
    for version, threshold, expected in (("2", 0.95, {}), ("3", 0.5, before)):
        reference = FakeClassifier.reference.model_copy(update={"version": version})
        monkeypatch.setattr(FakeClassifier, "reference", reference)
        monkeypatch.setattr(FakeClassifier, "threshold", threshold)
        restart()
        assert house.call("--reanalyze")["reanalyzed"] == len(house.marks())
        house.drain()
        assert house.looks() == expected
    assert house.facts() == before["trousers"] * 2


def test_another_style_probe_makes_history_due_and_no_photo_is_judged_again(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.call(str(house.photos))
    house.drain()
    silent = write_style(tmp_path / "silent", classifier="1" * 64)
    monkeypatch.setenv("MAPSI_STYLE_WEIGHTS", str(silent))
    changed: Any = house.context.settings.model_copy(update={"style_weights": silent})
    object.__setattr__(house.context, "settings", changed)
    analyzed = sum(mark.outcome == "analyzed" for mark in house.marks())
    assert house.call("--reanalyze")["reanalyzed"] == analyzed
    monkeypatch.setattr(FakeClassifier, "predict", lambda self, photos: pytest.fail("looked again"))
    house.drain()
    with house.database.reading() as session:
        assert set(session.scalars(select(Fact.style))) == {"unknown"}
    assert house.call("--reanalyze") == {"reanalyzed": 0}
    house.looks()
