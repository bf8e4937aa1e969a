"""The promised figures hold on the sentences that only judge, and the weights are up to date."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from services.gateway.chat.understanding.commands import evaluate_chat
from services.gateway.chat.understanding.figures import Tally, measured
from services.gateway.chat.understanding.intent import WEIGHTS
from services.gateway.chat.understanding.labelled import read_labelled
from services.gateway.chat.understanding.reader import Reader
from services.gateway.chat.understanding.training import digest, material
from shared.errors import UsageError

DATA = Path(__file__).parents[4] / "data" / "chat"


def test_sentences_never_learned_from_are_understood_as_promised(reader: Reader) -> None:
    figures = measured(reader, read_labelled([DATA / "test.jsonl"])).summary()

    assert figures["intent_accuracy"] >= 0.93
    assert figures["slots"]["f1"] >= 0.92


def test_the_weights_were_made_from_the_sentences_as_they_are() -> None:
    """Where this fails, run `mapsi train chat`."""
    with np.load(WEIGHTS) as stored:
        made_from = stored["made_from"].tobytes().decode()

    assert made_from == digest(material(read_labelled([DATA / "tune.jsonl"])))


def test_the_command_tells_figures_and_what_was_wrong(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    rows = [
        {"id": "1", "language": "en", "text": "hello", "intent": "greeting"},
        {"id": "2", "language": "en", "text": "bye", "intent": "reset", "slots": {"color": "red"}},
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")

    told = CliRunner().invoke(evaluate_chat, ["--data", str(file), "--wrong"])
    as_json = CliRunner().invoke(evaluate_chat, ["--data", str(file), "--json"])

    assert "intent accuracy  0.500" in told.output
    assert "1  reset read as greeting" in told.output
    assert "2 bye" in told.output
    assert json.loads(as_json.output)["slots"]["recall"] == 0.0


def test_a_line_that_is_no_labelled_sentence_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text('{"id": "1"}', encoding="utf-8")

    with pytest.raises(UsageError, match=r"mine\.jsonl:1: "):
        read_labelled([file])


def test_precision_and_recall_count_pairs() -> None:
    tally = Tally()
    tally.add({("color", "red"), ("item", "dress")}, {("color", "red"), ("color", "blue")})

    assert tally.figures() == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "n": 2}
