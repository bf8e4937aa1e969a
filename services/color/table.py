"""The nearest colour name of every 24-bit colour: built from a KD-tree, shipped, memory-mapped.

Index: R + 256 G + 65536 B, value: the name's place in ``data/names.csv``. ``nearest_names``
makes it with SciPy's KD-tree in CIELAB; the repository ships the result packed (0.8 MB), so
that a worker starts at once and needs no SciPy. Unpacked once into a cache folder, the 34 MB
are mapped into memory and shared by all processes of the machine.

After a change of ``data/names.csv``: ``python -m services.color.table``.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from services.color.names import NAMES_FILE, color_names
from shared.lab import Floats, srgb_to_lab
from shared.logging import logger

Table = npt.NDArray[np.uint16]

PACKED_FILE: Final = NAMES_FILE.with_name("nearest_names.xz")
HASH_FILE: Final = NAMES_FILE.with_name("nearest_names.sha256")
_COLORS: Final = 1 << 24

log = logger(__name__)


def open_table(cache: Path) -> Table:
    """Map the table of the ``cache`` folder into memory, read-only; unpack it where needed.

    A file that is missing, cut short or changed is written anew, in one step, so that any
    number of processes may start at once. Where the folder cannot be written, the table is
    held in this process's own memory.
    """
    expected = table_hash()
    path = cache / f"nearest-color-names-{expected[:16]}.u16"
    if not _is_whole(path, expected):
        packed = np.frombuffer(lzma.decompress(PACKED_FILE.read_bytes()), "<u2")
        try:
            _write(path, packed.tobytes())
        except OSError as error:
            log.warning("colour table not cached", path=str(path), error=str(error))
            return packed
    return np.memmap(path, np.dtype("<u2"), mode="r", shape=(_COLORS,))


def table_hash() -> str:
    """Return the SHA-256 of the unpacked table: the version of every name that is given."""
    return HASH_FILE.read_text(encoding="ascii").split()[0]


def _is_whole(path: Path, expected: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == expected
    except OSError:
        return False


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # Other users' workers may map it too.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def nearest_names(colors: npt.NDArray[np.uint8], lab: Floats) -> Table:
    """Return the index in ``lab`` (names, 3) of the name nearest to each color, (n, 3) RGB.

    SciPy's KD-tree in CIELAB: the definition of what the table holds.
    """
    from scipy.spatial import KDTree

    _, nearest = KDTree(lab).query(srgb_to_lab(colors), workers=-1)
    names: Table = nearest.astype("<u2")
    return names


def build() -> None:
    """Build the table for all 2^24 colours and write what the repository ships of it."""
    low = np.arange(1 << 16, dtype=np.uint32)
    colors = np.empty((1 << 16, 3), np.uint8)
    colors[:, 0], colors[:, 1] = low & 0xFF, low >> 8
    parts: list[bytes] = []
    for blue in range(256):
        colors[:, 2] = blue
        parts.append(nearest_names(colors, color_names().lab).tobytes())
    table = b"".join(parts)
    PACKED_FILE.write_bytes(lzma.compress(table, preset=6))
    HASH_FILE.write_text(f"{hashlib.sha256(table).hexdigest()}\n", encoding="ascii")


if __name__ == "__main__":
    build()
