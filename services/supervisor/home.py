"""The data folder of one installation: usable, and used by one supervisor at a time."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.errors import UsageError


def prepare(data_dir: Path) -> None:
    """Make the folder with its rooms; UsageError where it cannot be made or written."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=data_dir) as probe:
            probe.write(b"mapsi")
        for room in ("logs", "metrics", "valkey"):
            (data_dir / room).mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{data_dir}: cannot be used as data folder ({error.strerror}); "
            "make it writable or choose another with --data",
            text_ko=f"{data_dir}: 데이터 폴더로 쓸 수 없습니다 ({error.strerror}). "
            "쓰기 권한을 주거나 --data로 다른 폴더를 고르세요",
            reason="data_folder",
        ) from error


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold the folder for this process; UsageError, with its pid, while another one holds it.

    The system drops the lock with the process, however that ends: no lock is ever stale.
    """
    path = data_dir / "mapsi.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            pid = lock.read().strip() or "?"
            raise UsageError(
                f"Mapsi already runs on {data_dir} (pid {pid}); "
                "stop it first, or choose another folder with --data",
                text_ko=f"{data_dir}에서 맵시가 이미 실행 중입니다 (pid {pid}). "
                "먼저 멈추거나 --data로 다른 폴더를 고르세요",
                reason="already_running",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        # Figures of processes that are no more; prometheus_client would count them on.
        for old in (data_dir / "metrics").glob("*.db"):
            old.unlink()
        yield


@dataclass(frozen=True)
class Address:
    """Where the gateway listens."""

    host: str
    port: int

    @property
    def reachable_host(self) -> str:
        """The host at which this machine reaches it; ``0.0.0.0`` is no destination."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    @property
    def url(self) -> str:
        """The page's address."""
        host = self.reachable_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def check(self) -> None:
        """Raise UsageError where nothing could listen there."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise UsageError(
                    f"port {self.port} on {self.host} cannot be used ({error.strerror}); "
                    "choose another with --port",
                    text_ko=f"{self.host}의 포트 {self.port}를 쓸 수 없습니다 "
                    f"({error.strerror}). --port로 다른 포트를 고르세요",
                    reason="port",
                ) from error
