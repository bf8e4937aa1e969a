"""A process that hangs stops to give signs of life; one that waits for the broker does not."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import cli
from services.pulse import Pulse
from shared.broker import broker_away
from shared.errors import MapsiError


@dataclass
class Machine:
    """A worker's surroundings: what the clock shows, and whether the broker answers."""

    file: Path
    now: float = 1000.0
    away: bool = False
    pulse: Pulse = field(init=False)

    def __post_init__(self) -> None:
        self.pulse = Pulse(self.file, longest_task=300.0, ping=self.ping, clock=lambda: self.now)

    def ping(self) -> None:
        if self.away:
            raise broker_away("redis://queue", OSError("refused"))

    def sign_after(self, seconds: float) -> str | None:
        """Let time pass and look; return the word in the file, None where it was not touched."""
        self.now += seconds
        self.file.unlink(missing_ok=True)
        self.pulse.look()
        return self.file.read_text() if self.file.exists() else None


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "alive")


def test_worker_is_ready_once_its_loop_turns(machine: Machine) -> None:
    assert machine.sign_after(1) == "starting"
    machine.pulse.turn()
    assert machine.sign_after(1) == "ready"


def test_loop_that_stands_still_beside_a_broker_that_answers_hangs(machine: Machine) -> None:
    machine.pulse.turn()
    assert machine.sign_after(119) == "ready"
    assert machine.sign_after(2) is None
    machine.pulse.turn()
    assert machine.sign_after(1) == "ready"


def test_broker_that_is_away_for_hours_is_not_the_workers_fault(machine: Machine) -> None:
    machine.pulse.turn()
    machine.away = True
    assert [machine.sign_after(60) for _ in range(100)] == ["away"] * 100
    machine.away = False
    assert machine.sign_after(60) == "starting", "it has time to connect again"
    assert machine.sign_after(61) is None
    machine.pulse.turn()
    assert machine.sign_after(1) == "ready"


def test_task_may_take_as_long_as_a_task_may(machine: Machine) -> None:
    machine.pulse.turn()
    machine.pulse.begin_task(sender="any")
    assert machine.sign_after(299) == "ready"
    machine.pulse.end_task(sender="any")
    machine.pulse.begin_task(sender="any")
    machine.away = True
    assert machine.sign_after(299) == "away"
    assert machine.sign_after(2) is None, "a task that hangs, whatever the broker does"


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Call ``mapsi health``; return what it said against the process, None where it is well."""
    monkeypatch.setenv("MAPSI_HEALTH_FILE", str(tmp_path / "alive"))

    def call(*options: str) -> str | None:
        error = CliRunner().invoke(cli, ["health", *options]).exception
        assert error is None or isinstance(error, MapsiError)
        return error and error.text

    return call


def test_ready_asks_for_more_than_live(ask, tmp_path: Path) -> None:
    said = {}
    for word in ("ready", "starting", "away"):
        (tmp_path / "alive").write_text(word)
        said[word] = (ask("--live"), ask())
    assert said == {
        "ready": (None, None),
        "starting": (None, "it takes no messages yet"),
        "away": (None, "the broker does not answer"),
    }


def test_old_sign_is_none(ask, tmp_path: Path) -> None:
    file = tmp_path / "alive"
    assert ask("--live") == "no sign of life yet"
    file.write_text("ready")
    os.utime(file, (time.time() - 90, time.time() - 90))
    assert ask("--live") == ask("--ready") is not None


def test_gateway_is_asked_where_no_file_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAPSI_GATEWAY_PORT", "1")
    answer = CliRunner().invoke(cli, ["health"])
    assert isinstance(answer.exception, MapsiError)
    assert "the gateway does not answer" in answer.exception.text
