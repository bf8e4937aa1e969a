"""What ``mapsi up`` tells the person at the terminal: a line an event, Korean or English."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import click

from services.supervisor.home import Address
from services.supervisor.logs import RotatedLog


@dataclass(frozen=True)
class Console:
    """Speaks one language, ``"ko"`` or ``"en"``."""

    language: str

    def say(self, english: str, korean: str) -> None:
        """Print one line; a terminal that is gone is no reason to stop."""
        with contextlib.suppress(OSError):
            click.echo(korean if self.language == "ko" else english)

    def started(self, name: str, pid: int) -> None:
        """A process runs."""
        self.say(f"  {name:<15} started (pid {pid})", f"  {name:<15} 시작 (pid {pid})")

    def ended(self, name: str, code: int, *, delay: float, log: RotatedLog) -> None:
        """A process ended by itself, or was killed from outside."""
        how = f"exit code {code}" if code >= 0 else f"signal {-code}"
        how_ko = f"종료 코드 {code}" if code >= 0 else f"시그널 {-code}"
        self.say(
            f"  {name:<15} ended ({how}); starts again in {delay:g} s; see {log.path}",
            f"  {name:<15} 끝남 ({how_ko}); {delay:g}초 뒤 다시 시작; 기록: {log.path}",
        )
        if code > 0:
            self.say(f"    {log.last_line()}", f"    {log.last_line()}")

    def killed(self, name: str, grace: float) -> None:
        """A process did not end in time."""
        self.say(
            f"  {name:<15} did not end in {grace:g} s and was killed",
            f"  {name:<15} {grace:g}초 안에 끝나지 않아 강제 종료",
        )

    def slow(self) -> None:
        """The gateway should have answered by now."""
        self.say(
            "The gateway does not answer yet; `mapsi doctor` and the logs may say why.",
            "게이트웨이가 아직 응답하지 않습니다. `mapsi doctor`와 기록을 확인해 보세요.",
        )

    def ready(self, address: Address, logs: Path) -> None:
        """Everything answers."""
        self.say(
            f"Mapsi runs: {address.url} (logs in {logs}; Ctrl-C stops it)",
            f"맵시 실행 중: {address.url} (기록: {logs}, 멈추려면 Ctrl-C)",
        )

    def key(self, key: str) -> None:
        """The first API key, which nobody can read later."""
        self.say(
            f"API key, shown this once: {key}",
            f"API 키 (지금 한 번만 보입니다): {key}",
        )

    def sign_in(self, address: Address, ticket: str) -> None:
        """A link that signs one browser in, once."""
        link = f"{address.url}/sign-in?ticket={ticket}"
        self.say(
            f"To sign in on the page (works once, within the hour): {link}",
            f"페이지에 로그인하는 링크 (한 시간 안에 한 번): {link}",
        )

    def stopping(self) -> None:
        """The person asked to stop."""
        self.say(
            "Stopping: workers finish the batch at hand (Ctrl-C again: at once).",
            "멈추는 중: 작업자가 하던 묶음을 마칩니다 (Ctrl-C를 다시 누르면 바로 멈춤).",
        )

    def stopped(self) -> None:
        """All processes have ended."""
        self.say(
            "Stopped. What was queued is kept; `mapsi up` goes on with it.",
            "멈췄습니다. 대기 중인 작업은 보존되며 `mapsi up`이 이어서 합니다.",
        )
