"""``mapsi health``: is the process of this container well? For health checks and probes."""

from __future__ import annotations

import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

import click

from services.gateway.settings import GatewaySettings
from shared.errors import MapsiError
from shared.settings import Settings, read

_OLD: Final = 60.0
"""Seconds after which a sign of life (``services/pulse.py``) is none any more."""
_SECONDS: Final = 20.0
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - no destinations
_WHY: Final = {
    "away": ("the broker does not answer", "메시지 브로커가 응답하지 않습니다"),
    "starting": ("it takes no messages yet", "아직 메시지를 받지 않습니다"),
}


@click.command()
@click.option(
    "--ready/--live",
    default=True,
    show_default="--ready",
    help="--ready: it can work, and what it needs answers; --live: it does not hang.",
)
def health(ready: bool) -> None:
    """Say whether the worker, beat or gateway beside this command is well; exit code 1: it is not.

    A worker and beat are seen by the file that MAPSI_HEALTH_FILE names; where none is set, the
    gateway is asked.
    """
    file = read(Settings).health_file
    if file is None:
        _ask_gateway("/readyz" if ready else "/healthz")
    else:
        _look_at(file, ready=ready)
    click.echo("ok")


def _look_at(file: Path, *, ready: bool) -> None:
    try:
        age, word = time.time() - file.stat().st_mtime, file.read_text()
    except FileNotFoundError as error:
        raise _unwell("no sign of life yet", "아직 살아 있다는 신호가 없습니다") from error
    if age > _OLD:
        raise _unwell(f"no sign of life for {age:.0f} seconds", f"{age:.0f}초 동안 신호가 없습니다")
    if ready and word in _WHY:
        raise _unwell(*_WHY[word])


def _ask_gateway(path: str) -> None:
    settings = read(GatewaySettings)
    host = _ANY.get(settings.host, settings.host)
    connection = HTTPConnection(host, settings.port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
    except (OSError, HTTPException) as error:
        raise _unwell(
            f"the gateway does not answer: {error}", f"게이트웨이가 응답하지 않습니다: {error}"
        ) from error
    else:
        if answer.status != 200:
            told = answer.read().decode(errors="replace")
            raise _unwell(f"{path}: {answer.status} {told}", f"{path}: {answer.status} {told}")
    finally:
        connection.close()


def _unwell(text: str, text_ko: str) -> MapsiError:
    return MapsiError(text, text_ko=text_ko, reason="unwell")
