"""``mapsi train style`` and ``mapsi evaluate style`` from labels and from ingested hashtags."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from services.classification.judging import STAGE, folder_of
from services.classification.model import FakeClassifier
from services.style.commands import evaluate_style, train_style
from shared.contracts.garments import Analysis, Classification, Color, Garment, Rle
from shared.contracts.vocabulary import KOREAN, STYLES
from shared.errors import UsageError
from shared.records import Database
from shared.records.ingestion import Photo, Post
from shared.records.trends import Settlement
from shared.settings import Settings
from shared.storage import open_storage
from shared.storage.keys import result_key
from shared.style.probe import open_probe

pytestmark = pytest.mark.integration
LOOKS = 150
NOW = datetime(2026, 11, 2, tzinfo=UTC)
FAKE = FakeClassifier()

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command in a folder of its own, with the classifier whose embedding is brightness."""
    monkeypatch.setenv("MAPSI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MAPSI_CLASSIFICATION_ENGINE", "fake")
    monkeypatch.setenv("MAPSI_LANG", "en")
    monkeypatch.chdir(tmp_path)

    def run(command: click.Command, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(command, arguments, env=environment)

    return run


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """Photos whose brightness says the style, and a list of them; one file is broken."""
    with (tmp_path / "feed.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("path", "style"))
        for number in range(LOOKS):
            style = STYLES[number % len(STYLES)]
            pixels = np.full((64, 48, 3), 20 + 40 * STYLES.index(style), np.uint8)
            pixels[0, 0] += 1
            Image.fromarray(pixels).save(tmp_path / f"{number}.png")
            rows.writerow((f"{number}.png", style if number % 2 else KOREAN[style]))
        rows.writerow(("broken.png", "casual"))
    (tmp_path / "broken.png").write_bytes(b"no photo")
    return tmp_path / "feed.csv"


def test_labels_become_a_probe_that_serves(call: Call, feed: Path, tmp_path: Path) -> None:
    trained = call(train_style, "--feed", str(feed), "--license", "CC0-1.0", "--labels", "mine")
    assert trained.exit_code == 0, trained.output
    assert "1 photos left out" in trained.stderr
    assert "right style: 100.0%" in trained.stdout
    probe = open_probe(tmp_path / "runs" / "style")
    assert probe.reads(FAKE.reference)
    assert (probe.card.license, probe.card.data["labels"]) == ("CC0-1.0", "mine")
    dark = np.zeros((9, 9, 3), np.uint8) + np.uint8(20)
    told = probe.of_embedding(FAKE.predict([dark])[0].embedding, classifier=FAKE.reference)
    assert max(told, key=lambda style: told[style]) == STYLES[0]


def test_what_training_held_out_is_what_evaluation_measures(
    call: Call, feed: Path, tmp_path: Path
) -> None:
    trained = call(train_style, "--feed", str(feed))
    weights = {"MAPSI_STYLE_WEIGHTS": str(tmp_path / "runs" / "style")}
    measured = call(evaluate_style, "--feed", str(feed), **weights)
    assert measured.exit_code == 0, measured.output
    assert trained.stdout.splitlines()[0] == measured.stdout.splitlines()[0]
    korean = call(evaluate_style, "--feed", str(feed), "--lang", "ko", **weights)
    assert "스타일 적중" in korean.stdout
    assert "빈티지: 빈티지" in korean.stdout


def test_a_probe_of_another_classifier_is_not_measured(call: Call, feed: Path) -> None:
    refused = call(evaluate_style, "--feed", str(feed))
    assert isinstance(refused.exception, UsageError)
    assert "another classifier" in str(refused.exception)


def test_a_command_without_labels_says_what_it_takes(call: Call) -> None:
    refused = call(train_style)
    assert isinstance(refused.exception, UsageError)
    assert "--ingested" in str(refused.exception)


def test_a_feed_whose_photos_cannot_be_read_says_so(call: Call, feed: Path) -> None:
    refused = call(train_style, "--feed", str(feed), "--photos", str(feed.parent / "data" / ".."))
    assert refused.exit_code == 2  # no such folder
    feed.write_text("path,style\nbroken.png,casual\n", "utf-8")
    assert isinstance(call(train_style, "--feed", str(feed)).exception, UsageError)


def test_too_few_looks_are_refused_with_the_numbers(call: Call, feed: Path) -> None:
    lines = feed.read_text("utf-8").splitlines()
    feed.write_text("\n".join(lines[:30]), "utf-8")
    refused = call(train_style, "--feed", str(feed))
    assert isinstance(refused.exception, UsageError)
    assert "too few" in str(refused.exception)


def ingested(database: Database, tmp_path: Path, number: int, hashtags: list[str]) -> None:
    """Write what the pipeline leaves of a photo: rows, its embedding and its analysis."""
    storage = open_storage(Settings(data_dir=tmp_path / "data"))
    photo_id = sha256(str(number).encode()).hexdigest()
    embedding = [0.0] * 512
    embedding[number % len(STYLES)] = 1.0
    found = Classification(
        fashion=0.9, is_fashion=True, embedding=tuple(embedding), model=FAKE.reference
    )
    key, analysis_key = (
        result_key(STAGE, folder_of(FAKE), photo_id),
        result_key("color", "1-x", photo_id),
    )
    red = Color(name="red", name_ko="빨강", basic="red", hex="#ff0000", share=1.0)
    dress = Garment(
        category="vest_dress", score=0.9, box=(0, 0, 1, 1), mask=Rle(size=(1, 1), counts=""),
        area=100, colors=(red,),
    )  # fmt: skip
    analysis = Analysis(
        photo_id=photo_id, look_id=photo_id, posted_at=NOW, source="s", author=None, width=9,
        height=9, fashion=0.9, garments=(dress,), models=(),
    )  # fmt: skip
    for name, thing in ((key, found), (analysis_key, analysis)):
        storage.put(name, thing.model_dump_json().encode(), content_type="application/json")
    author = f"author {number // 2}"
    with database.transaction() as session:
        session.add(
            Photo(
                photo_id=photo_id, key="k", width=9, height=9, perceptual_hash=number,
                fine_hash=bytes(32), look_id=photo_id, posted_at=NOW, source="s", author=author,
                received_at=NOW.replace(microsecond=number),
            )
        )  # fmt: skip
        session.flush()
        session.add(
            Post(
                post_id=photo_id, photo_id=photo_id, source="s", author=author, posted_at=NOW,
                hashtags=hashtags,
            )
        )  # fmt: skip
        session.add(
            Settlement(
                photo_id=photo_id, outcome="analyzed", stage="color", models={},
                analysis_key=analysis_key, settled_at=NOW,
            )
        )  # fmt: skip


def test_the_hashtags_of_ingested_posts_train_a_probe(
    call: Call, database: Database, tmp_path: Path
) -> None:
    tags = ["캐주얼룩", "feminine", "#미니멀", "모던", "streetwear", "빈티지코디"]
    for number in range(LOOKS):
        ingested(database, tmp_path, number, [tags[number % len(STYLES)], "ootd"])
    ingested(database, tmp_path, LOOKS, ["ootd"])
    url = database.engine.url.render_as_string(hide_password=False)
    trained = call(train_style, "--ingested", MAPSI_DATABASE_URL=url)
    assert trained.exit_code == 0, (trained.output, trained.exception)
    assert f"garments known for {LOOKS}" in trained.stderr
    assert "right style: 100.0%" in trained.stdout
    card = open_probe(tmp_path / "runs" / "style").card
    assert card.data["labels"] == "hashtags of ingested posts"
