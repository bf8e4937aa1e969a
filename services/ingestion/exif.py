"""The one thing that is read from a photo's metadata: when the camera says it was taken."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Final

_SIGN: Final = b"Exif\0\0"
_HEAD: Final = 262_144
"""EXIF stands before the pixels of a JPEG."""
_LONGEST: Final = 65_536
_EXIF_DIRECTORY: Final = 0x8769
_DATE_TIME_ORIGINAL: Final = 0x9003
_OFFSET_TIME_ORIGINAL: Final = 0x9011


def taken_at(data: bytes) -> datetime | None:
    """Return EXIF's DateTimeOriginal of a JPEG file, or None.

    Without OffsetTimeOriginal, which many cameras do not write, the time is read as UTC.
    Source: CIPA DC-008, Exif 2.32, section 4.6.
    """
    start = data.find(_SIGN, 0, _HEAD)
    tiff = data[start + len(_SIGN) : start + _LONGEST] if start >= 0 else b""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return None
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        tags = _directory(tiff, _directory(tiff, first, order)[_EXIF_DIRECTORY], order)
        date = _text(tiff, tags[_DATE_TIME_ORIGINAL], length=19)
        zone = "+00:00"
        if _OFFSET_TIME_ORIGINAL in tags:
            zone = _text(tiff, tags[_OFFSET_TIME_ORIGINAL], length=6)
        return datetime.strptime(date + zone, "%Y:%m:%d %H:%M:%S%z").astimezone(UTC)
    except (struct.error, KeyError, ValueError, OverflowError):
        return None


def _directory(tiff: bytes, at: int, order: str) -> dict[int, int]:
    """Return tag → value, or where the value stands when it is longer than 4 bytes."""
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    entries = (struct.unpack_from(f"{order}H6xI", tiff, at + 2 + 12 * i) for i in range(count))
    return dict(entries)


def _text(tiff: bytes, at: int, *, length: int) -> str:
    return tiff[at : at + length].decode("ascii")
