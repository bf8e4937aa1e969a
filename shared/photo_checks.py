"""What a file must be before it is decoded: told from its first bytes and its header alone."""

from __future__ import annotations

import re
from typing import Final, Literal

from shared.errors import PermanentError
from shared.quoting import quotable

MAX_BYTES: Final = 25_000_000
MAX_PIXELS: Final = 40_000_000
MIN_SIDE: Final = 32
MAX_JPEG_SCANS: Final = 100

Format = Literal["jpeg", "png", "webp"]
PhotoReason = Literal[
    "empty",
    "too_large",
    "not_an_image",
    "unsupported_format",
    "animated",
    "too_small",
    "too_many_pixels",
    "too_complex",
    "damaged",
]

_TEXTS: Final[dict[PhotoReason, tuple[str, str]]] = {
    "empty": (
        "the file is empty; send the photo again",
        "빈 파일입니다. 사진을 다시 보내세요",
    ),
    "too_large": (
        "the file is larger than 25 MB; save it smaller",
        "파일이 25MB보다 큽니다. 더 작게 저장하세요",
    ),
    "not_an_image": (
        "this is not a picture, whatever its name says; send a JPEG, PNG or WebP photo",
        "이름과 달리 그림 파일이 아닙니다. JPEG, PNG, WebP 사진을 보내세요",
    ),
    "unsupported_format": (
        "{detail} is not read; save the photo as JPEG, PNG or WebP",
        "{detail} 형식은 읽지 않습니다. JPEG, PNG, WebP로 저장하세요",
    ),
    "animated": (
        "the picture is animated; save one frame of it",
        "움직이는 그림입니다. 한 장면만 저장하세요",
    ),
    "too_small": (
        "the picture is {detail} pixels; each side needs at least 32",
        "그림이 {detail} 픽셀입니다. 가로와 세로가 32픽셀 이상이어야 합니다",
    ),
    "too_many_pixels": (
        "the picture is {detail} pixels, more than 40 megapixels; save it smaller",
        "그림이 {detail} 픽셀로 4천만 화소를 넘습니다. 더 작게 저장하세요",
    ),
    "too_complex": (
        "the JPEG has more than 100 scans; save it again as a plain JPEG",
        "JPEG에 스캔이 100개 넘게 있습니다. 보통 JPEG로 다시 저장하세요",
    ),
    "damaged": (
        "the picture is cut short or damaged; send the original again",
        "그림이 잘렸거나 손상되었습니다. 원본을 다시 보내세요",
    ),
}

_OTHER_FORMATS: Final = {
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"%PDF": "PDF",
    b"8BPS": "PSD",
    b"\0\0\x01\0": "ICO",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"<svg": "SVG",
}
_ISO_BRANDS: Final = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC", b"avif": "AVIF"}


class PhotoError(PermanentError):
    """A file that is refused; ``reason`` is one of ``PhotoReason``."""

    def __init__(self, name: str, reason: PhotoReason, *, detail: str = "") -> None:
        shown = quotable(name)
        english, korean = (text.format(detail=detail) for text in _TEXTS[reason])
        super().__init__(f"{shown}: {english}", text_ko=f"{shown}: {korean}", reason=reason)


def recognise(data: bytes, *, name: str) -> Format:
    """Tell the format from the first bytes, or refuse the file with its reason."""
    if not data:
        raise PhotoError(name, "empty")
    if len(data) > MAX_BYTES:
        raise PhotoError(name, "too_large")
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    known = [text for magic, text in _OTHER_FORMATS.items() if data.startswith(magic)]
    if data[4:8] == b"ftyp" and data[8:12] in _ISO_BRANDS:
        known = [_ISO_BRANDS[data[8:12]]]
    if known:
        raise PhotoError(name, "unsupported_format", detail=known[0])
    raise PhotoError(name, "not_an_image")


def check_size(size: tuple[int, int], *, name: str) -> None:
    """Refuse a picture of ``size`` (width, height) with too few or too many pixels."""
    width, height = size
    if min(size) < MIN_SIDE:
        raise PhotoError(name, "too_small", detail=f"{width}×{height}")
    if width * height > MAX_PIXELS:
        raise PhotoError(name, "too_many_pixels", detail=f"{width}×{height}")


def check_still(data: bytes, *, file_format: Format, name: str) -> None:
    """Refuse APNG (an acTL chunk before the pixels) and WebP whose animation bit is set."""
    if file_format == "png":
        animated = b"acTL" in data[: data.find(b"IDAT")]
    else:
        animated = file_format == "webp" and data[12:16] == b"VP8X" and bool(data[20] & 0x02)
    if animated:
        raise PhotoError(name, "animated")


def webp_size(data: bytes) -> tuple[int, int]:
    """Return a WebP's (width, height) from its header; its codec allocates before it tells.

    Source: RFC 9649, sections 2.5 to 2.7. Raises ValueError where the header is cut short.
    """
    if len(data) < 30:
        raise ValueError("a WebP header has 30 bytes")
    if data[12:16] == b"VP8X":
        return _little(data[24:27]) + 1, _little(data[27:30]) + 1
    if data[12:16] == b"VP8L":
        bits = _little(data[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return _little(data[26:28]) & 0x3FFF, _little(data[28:30]) & 0x3FFF


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


def check_scans(data: bytes, *, start: int, name: str) -> None:
    """Refuse a JPEG with very many scans: each costs a pass over all pixels and few bytes.

    ``start`` is where the first scan's pixels begin. Trailing data after the end is not read.
    """
    scans, at = 1, start
    while (marker := _MARKER.search(data, at)) and marker[0] != b"\xff\xd9":
        scans += marker[0] == b"\xff\xda"
        if scans > MAX_JPEG_SCANS:
            raise PhotoError(name, "too_complex")
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
