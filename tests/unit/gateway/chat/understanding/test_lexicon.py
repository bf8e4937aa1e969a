"""The lexicon: complete in both languages, unambiguous, edited while the gateway runs."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
import structlog

from services.gateway.chat.domain import VALUES
from services.gateway.chat.understanding import lexicon
from services.gateway.chat.understanding.lexicon import FOLDER, LexiconError, entries, load
from services.gateway.chat.understanding.reader import Reader


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "lexicon"))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "CHECK_SECONDS", 0.0)


def _slots(reader: Reader, text: str) -> dict[str, object]:
    seen = reader.understand(
        text, asked=None, look_shown=False, today=date(2026, 11, 22), language="ko"
    )
    return seen.slots.wire()


def test_every_value_has_korean_and_english_forms() -> None:
    said = {(entry.group, entry.value, entry.language) for entry in entries()}
    # "bottom" and the like are items; a long-sleeved jacket is also a jacket with long sleeves.
    missing = {
        (slot, value, language)
        for slot, values in VALUES.items()
        for value in values
        for language in ("ko", "en")
    } - said

    assert not missing


def test_no_form_stands_for_two_values_of_a_slot() -> None:
    load()  # raises where one does


def test_a_new_word_counts_without_a_restart(folder: Path, at_once: None) -> None:
    reader = Reader(folder)
    assert "color" not in _slots(reader, "달빛여우색 코트 추천해줘")

    file = folder / "color.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("ko: [파랑,", "ko: [파랑, 달빛여우색,"), encoding="utf-8")

    assert _slots(reader, "달빛여우색 코트 추천해줘")["color"] == "blue"


def test_a_broken_file_keeps_the_words_before_and_is_told_once(folder: Path, at_once: None) -> None:
    reader = Reader(folder)
    (folder / "color.yaml").write_text("color:\n  red: {ko: [빨강\n", encoding="utf-8")

    with structlog.testing.capture_logs() as logs:
        said = [_slots(reader, "빨간 코트 추천해줘") for _ in range(3)]

    assert all(slots["color"] == "red" for slots in said)
    assert len(logs) == 1
    assert "color.yaml:" in logs[0]["reason"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("color:\n  crimson:\n    ko: [진홍]\n", 2),
        ("color:\n  red:\n    jp: [あか]\n", 3),
        ("color:\n  red:\n    ko: 빨강\n", 3),
        ("color:\n  red:\n    ko: [빨강]\n  blue:\n    ko: [빨강]\n", 5),
        ("hat:\n  red:\n    ko: [모자]\n", 2),
        ("- red\n", 1),
    ],
)
def test_a_mistake_names_file_and_line(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(LexiconError, match=rf"mine\.yaml:{line}: "):
        load(tmp_path)


def test_a_folder_without_words_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"no \.yaml"):
        Reader(tmp_path)
