"""A real Valkey for tests, started the way ``mapsi up`` starts it."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from services.supervisor import valkey
from services.supervisor.home import prepare
from shared.broker import Broker
from shared.errors import RetryableError
from shared.settings import Settings


class PrivateValkey:
    """The server of one data folder; it can be killed and started again on the same data."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        prepare(self.settings.data_dir)
        self._process = subprocess.Popen(valkey.command(self.settings), stdout=subprocess.DEVNULL)
        broker = Broker(self.settings)
        for _ in range(200):
            try:
                return broker.ping()
            except RetryableError:
                time.sleep(0.02)
        raise AssertionError("Valkey does not answer")

    def hold(self, seconds: float) -> None:
        """Let it stand still for a while: it takes connections, and answers afterwards."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it as ``kill -9`` does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


@contextmanager
def running_valkey(settings: Settings) -> Iterator[PrivateValkey]:
    """Run a Valkey for the data folder of ``settings``."""
    server = PrivateValkey(settings)
    server.start()
    try:
        yield server
    finally:
        server.kill()
