"""The course of one ``mapsi up``: start in order, wait until it answers, run, stop in order."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import Any, Final

from services.gateway.keys import create_key, list_keys
from services.gateway.web.sessions import open_session
from services.supervisor.console import Console
from services.supervisor.home import Address
from services.supervisor.programs import BROKER_WAVE, programs
from services.supervisor.settings import SupervisorSettings
from services.supervisor.supervisor import Supervisor
from shared.broker import Broker
from shared.errors import RetryableError
from shared.records import open_database, upgrade
from shared.settings import Settings

_NAME: Final = "mapsi up"
_PATIENCE: Final = 60.0
"""Seconds a part gets to answer before a person is told that something is wrong."""


async def run(
    settings: Settings, own: SupervisorSettings, *, address: Address, console: Console
) -> None:
    """Run everything until SIGINT, SIGTERM or SIGHUP; all children have ended on return.

    Raises MapsiError where a start is not possible.
    """
    supervisor = Supervisor(settings.data_dir / "logs", console, log_bytes=own.log_bytes)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, supervisor.ask_to_stop)
    try:
        starting = _start(supervisor, settings, own, address=address, console=console)
        await _unless_stopped(supervisor, starting)
        await supervisor.stopping.wait()
        console.stopping()
    finally:
        await supervisor.stop()
    console.stopped()


async def _start(
    supervisor: Supervisor,
    settings: Settings,
    own: SupervisorSettings,
    *,
    address: Address,
    console: Console,
) -> None:
    plan = programs(settings, own, address=address)
    broker = Broker(settings)
    supervisor.start([program for program in plan if program.wave == BROKER_WAVE])
    if settings.redis_url is None:
        await _answers(broker.ping)
        # No worker of an earlier run lives on: what they held is nobody's.
        await asyncio.to_thread(broker.hand_back)
    else:
        await asyncio.to_thread(broker.ping)
    await asyncio.to_thread(upgrade, settings.database)
    supervisor.start([program for program in plan if program.wave != BROKER_WAVE])
    await _page_answers(address, console)
    console.ready(address, settings.data_dir / "logs")
    key = await asyncio.to_thread(_first_key, settings)
    if key:
        console.key(key)
    ticket = await asyncio.to_thread(_ticket, settings)
    if ticket:
        console.sign_in(address, ticket)


async def _unless_stopped(supervisor: Supervisor, work: Coroutine[Any, Any, None]) -> None:
    """Do the work; give it up when the person stops meanwhile."""
    working = asyncio.create_task(work)
    stopped = asyncio.create_task(supervisor.stopping.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if working.done():
        working.result()
    else:
        working.cancel()


async def _answers(ping: Callable[[], None]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return await asyncio.to_thread(ping)
        except RetryableError:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.05)


async def _page_answers(address: Address, console: Console) -> None:
    began, told = time.monotonic(), False
    while not await asyncio.to_thread(_is_ready, address):
        if not told and time.monotonic() - began > _PATIENCE:
            console.slow()
            told = True
        await asyncio.sleep(0.2)


def _is_ready(address: Address) -> bool:
    connection = HTTPConnection(address.reachable_host, address.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _first_key(settings: Settings) -> str | None:
    """Make the first API key of this installation; None where there is one already."""
    with closing(open_database(settings.database)) as database:
        if any(key.role != "guest" for key in list_keys(database)):
            return None
        return create_key(database, _NAME, "admin")


def _ticket(settings: Settings) -> str | None:
    """Return what opens the page once for the first key; None where that was revoked."""
    with closing(open_database(settings.database)) as database:
        for key in list_keys(database):
            if (key.name, key.role, key.revoked_at) == (_NAME, "admin", None):
                return open_session(database, key.key_id, kind="ticket")
    return None
