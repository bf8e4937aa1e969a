"""Keeps child processes running, and stops them in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from services.supervisor import leash
from services.supervisor.console import Console
from services.supervisor.logs import RotatedLog
from services.supervisor.programs import Program
from shared.errors import MapsiError
from shared.metrics import forget_process

FIRST_DELAY: Final = 0.5
LONGEST_DELAY: Final = 30.0
STEADY: Final = 10.0
"""Seconds after which a process ran well: its next end is a new trouble, not the same one."""


def next_delay(last: float, ran: float) -> float:
    """Return the seconds to wait before a restart.

    ``last``: the delay before this run, 0 for the first; ``ran``: the seconds the run lasted.
    """
    if last == 0 or ran >= STEADY:
        return FIRST_DELAY
    return min(last * 2, LONGEST_DELAY)


class Supervisor:
    """The children of one ``mapsi up``."""

    def __init__(self, logs: Path, console: Console, *, log_bytes: int) -> None:
        self.stopping = asyncio.Event()
        self._logs = logs
        self._console = console
        self._log_bytes = log_bytes
        self._keepers: list[tuple[Program, asyncio.Task[None]]] = []
        self._running: dict[str, asyncio.subprocess.Process] = {}

    def start(self, programs: Sequence[Program]) -> None:
        """Start each program and keep it running until ``stop``."""
        for program in programs:
            keeper = asyncio.create_task(self._keep(program))
            keeper.add_done_callback(self._notice_the_end)
            self._keepers.append((program, keeper))

    def ask_to_stop(self) -> None:
        """Begin the end; asked again, kill at once."""
        if self.stopping.is_set():
            for name in self._running:
                self._signal(name, signal.SIGKILL)
        self.stopping.set()

    async def stop(self) -> None:
        """Stop wave by wave, the last started first; who does not end in time is killed.

        Raises what made a keeper fail, after all children have ended.
        """
        self.stopping.set()
        failures: list[BaseException | None] = []
        for wave in sorted({program.wave for program, _ in self._keepers}, reverse=True):
            members = [(program, task) for program, task in self._keepers if program.wave == wave]
            ends = (self._end(program, task) for program, task in members)
            failures += await asyncio.gather(*ends, return_exceptions=True)
        self._keepers.clear()
        for failure in filter(None, failures):
            raise failure

    async def _end(self, program: Program, keeper: asyncio.Task[None]) -> None:
        self._signal(program.name, signal.SIGTERM)
        done, _ = await asyncio.wait({keeper}, timeout=program.grace)
        if not done:
            self._console.killed(program.name, program.grace)
            self._signal(program.name, signal.SIGKILL)
        await keeper

    def _notice_the_end(self, keeper: asyncio.Task[None]) -> None:
        # A keeper ends only by a bug of ours before the stop: its program would be gone unseen.
        if not keeper.cancelled() and keeper.exception() is not None:
            self.stopping.set()

    def _signal(self, name: str, number: signal.Signals) -> None:
        process = self._running.get(name)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)

    async def _keep(self, program: Program) -> None:
        path = self._logs / f"{program.name}.log"
        with contextlib.closing(RotatedLog(path, max_bytes=self._log_bytes)) as log:
            delay = 0.0
            while not self.stopping.is_set():
                began = time.monotonic()
                code = await self._run(program, log)
                if self.stopping.is_set():
                    break
                delay = next_delay(delay, time.monotonic() - began)
                self._console.ended(program.name, code, delay=delay, log=log)
                await self._wait(delay)
                await self._before_restart(program)

    async def _wait(self, delay: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), delay)

    async def _run(self, program: Program, log: RotatedLog) -> int:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *program.command),
            env=dict(program.environment) or None,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # A terminal's Ctrl-C is for the supervisor alone, which stops them in order.
            start_new_session=True,
        )
        self._running[program.name] = process
        self._console.started(program.name, process.pid)
        if self.stopping.is_set():  # asked while it was being started
            self._signal(program.name, signal.SIGTERM)
        assert process.stdout is not None  # noqa: S101 - it is a pipe, see above
        while output := await process.stdout.read(65_536):
            log.write(output)
        code = await process.wait()
        del self._running[program.name]
        if figures := program.environment.get("PROMETHEUS_MULTIPROC_DIR"):
            forget_process(process.pid, figures)
        return code

    async def _before_restart(self, program: Program) -> None:
        if program.before_restart is None or self.stopping.is_set():
            return
        try:
            await asyncio.to_thread(program.before_restart)
        except MapsiError as error:
            self._console.say(error.text, error.text_ko)
