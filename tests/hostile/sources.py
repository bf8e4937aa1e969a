"""Bad and odd sources of photos: manifests, lists and ZIPs, made by code."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

from tests.hostile.photos import encoded, quarters

GOOD = "good.jpg"
"""The photo that the good rows name: it must get in whatever stands beside it."""


@dataclass(frozen=True)
class BadRow:
    """A manifest's row that must be refused for ``reason``, naming ``fix`` in its error."""

    name: str
    fields: Mapping[str, object]
    reason: str
    fix: str


BAD_ROWS = (
    BadRow("nothing named", {"author": "kim"}, "no_photo_named", "name the photo"),
    BadRow("no such file", {"path": "gone.jpg"}, "no_such_photo", "correct the path"),
    BadRow("up and out", {"path": "../secret.jpg"}, "outside", "put the photo inside"),
    BadRow("absolute", {"path": "/etc/passwd"}, "outside", "put the photo inside"),
    BadRow("link out", {"path": "link.jpg"}, "outside", "put the photo inside"),
    BadRow("a folder", {"path": "."}, "not_a_file", "give a file"),
    BadRow("nul in path", {"path": "a\0b.jpg"}, "bad_row", "correct the row"),
    BadRow("no date", {"path": GOOD, "posted_at": "yesterday"}, "bad_date", "write 2026-03-01"),
    BadRow("no such day", {"path": GOOD, "posted_at": "2026-02-30"}, "bad_date", "2026-03-01"),
    BadRow("year 1", {"path": GOOD, "posted_at": "0001-01-01T00:00+14:00"}, "bad_date", "1990"),
    BadRow("1970", {"path": GOOD, "posted_at": "1970-01-01"}, "bad_date", "since 1990"),
    BadRow("future", {"path": GOOD, "posted_at": "2999-01-01"}, "future_date", "correct the date"),
    BadRow("soon", {"path": GOOD, "posted_at": "9999-12-31T23:59-12:00"}, "future_date", "correct"),
    BadRow("likes in words", {"path": GOOD, "likes": "many"}, "bad_likes", "leave it empty"),
    BadRow("negative likes", {"path": GOOD, "likes": "-1"}, "bad_likes", "from 0"),
    BadRow("huge likes", {"path": GOOD, "likes": "9" * 30}, "bad_likes", "correct it"),
    BadRow("long author", {"path": GOOD, "author": "a" * 5000}, "too_long", "author: 200"),
    BadRow("long source", {"path": GOOD, "source": "s" * 65}, "too_long", "source: 64"),
    BadRow("control sign", {"path": GOOD, "author": "kim\x07"}, "bad_row", "correct the row"),
    BadRow("private", {"url": "http://127.0.0.1/a.jpg"}, "private_address", "give a public one"),
    BadRow("file url", {"url": "file:///etc/passwd"}, "bad_scheme", "http and https"),
)


def csv_text(rows: list[Mapping[str, object]]) -> str:
    """Write the rows as CSV with every column that one of them has."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [",".join(columns)]
    lines += [",".join(_quoted(row.get(column, "")) for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def _quoted(value: object) -> str:
    return '"' + str(value).replace('"', '""') + '"'


def photo_bytes(shade: int = 0) -> bytes:
    """Make a small photo; another shade makes another photo."""
    picture = quarters()
    picture.paste((shade % 256, shade // 256, 90), (30, 20, 60, 40))
    return encoded(picture, "JPEG")


def write_zip(path: Path, files: Mapping[str, bytes], *, method: int = ZIP_DEFLATED) -> Path:
    """Write a ZIP of the files."""
    with ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(ZipInfo(name, (2025, 5, 6, 7, 8, 10)), data, method)
    return path


def encrypted_zip(path: Path) -> Path:
    """Write a ZIP whose entry claims to be encrypted."""
    return _patched(write_zip(path, {"locked.jpg": photo_bytes()}), flag=0x1)


def lying_zip(path: Path) -> Path:
    """Write a ZIP whose entry unpacks to more than its headers say."""
    write_zip(path, {"lies.jpg": bytes(1_000_000)})
    data = bytearray(path.read_bytes())
    local, central = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, local + 22, 1000)
    struct.pack_into("<I", data, central + 24, 1000)
    path.write_bytes(data)
    return path


def bzip2_zip(path: Path) -> Path:
    """Write a ZIP with a compression that photos never need."""
    return write_zip(path, {"odd.jpg": photo_bytes()}, method=ZIP_BZIP2)


def flipped_zip(path: Path) -> Path:
    """Write a ZIP with a wrong bit in the middle of its one photo."""
    write_zip(path, {"flipped.jpg": photo_bytes()})
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    return path


def overlapping_zip(path: Path, *, entries: int = 500) -> Path:
    """Write a small ZIP whose many entries are all the same 20 MB of zeros: 10 GB unpacked."""
    kernel = BytesIO()
    with ZipFile(kernel, "w", ZIP_DEFLATED) as archive:
        archive.writestr("0.jpg", bytes(20_000_000))
    data = kernel.getvalue()
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    directory = data[at:end] * entries
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, entries, entries, len(directory), at, 0)
    path.write_bytes(data[:at] + directory + tail)
    return path


def korean_windows_zip(path: Path, name: str, data: bytes) -> Path:
    """Write a ZIP as Korean Windows does: the name in CP949, without a flag that says so."""
    raw = name.encode("cp949")
    write_zip(path, {"x" * len(raw): data})
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    return path


def _patched(path: Path, *, flag: int) -> Path:
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= flag
    path.write_bytes(data)
    return path
