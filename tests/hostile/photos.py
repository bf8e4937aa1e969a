"""Bad and odd photo files, made by code: nothing here was ever photographed.

``refused_photos`` gives every file that must be refused, with the reason; ``odd_photos`` every
unusual file that must be read right. Tests of imaging, ingestion, the CLI and the gateway share
them.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from tests.hostile.profiles import p3_icc, p3_pixels

RED, GREEN, BLUE, GRAY = (200, 40, 40), (40, 160, 60), (40, 60, 200), (128, 128, 128)


@dataclass(frozen=True)
class Refused:
    """A file that must be refused for ``reason``."""

    name: str
    data: bytes
    reason: str


@dataclass(frozen=True)
class Odd:
    """A file that must be read as ``quarters`` shows it, within ``tolerance`` a channel."""

    name: str
    data: bytes
    format: str
    tolerance: int = 4
    corners: tuple[tuple[int, int, int], ...] = (RED, GREEN, BLUE, GRAY)


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Draw the test picture: red and green above, blue and gray below."""
    image = Image.new("RGB", (width, height), GRAY)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """Return ``image`` as the bytes of a file; JPEG in full colour resolution."""
    if file_format == "JPEG":
        options = {"quality": 95, "subsampling": 0} | options
    out = BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def noise(width: int = 200, height: int = 150) -> Image.Image:
    """Draw seeded noise: a file of it is large enough to cut anywhere."""
    pixels = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def refused_photos() -> list[Refused]:
    """Make every file that must be refused."""
    return [*_not_pictures(), *_other_formats(), *_wrong_sizes(), *_bombs(), *_damaged()]


def _not_pictures() -> list[Refused]:
    return [
        Refused("empty.jpg", b"", "empty"),
        Refused("text.jpg", "이것은 사진이 아닙니다".encode(), "not_an_image"),
        Refused("page.png", b"<!doctype html><title>404</title>", "not_an_image"),
        Refused("script.webp", b"#!/bin/sh\nrm -rf /\n", "not_an_image"),
        Refused("zeros.jpg", bytes(5000), "not_an_image"),
        Refused("archive.jpg", b"PK\x03\x04" + bytes(200), "not_an_image"),
        Refused("program.png", b"\x7fELF" + bytes(200), "not_an_image"),
        Refused("sound.webp", b"RIFF\x24\0\0\0WAVEfmt " + bytes(60), "not_an_image"),
        Refused("late-magic.jpg", b"\n" + encoded(quarters(), "JPEG"), "not_an_image"),
        Refused("too-large.jpg", encoded(quarters(), "JPEG") + bytes(25_000_000), "too_large"),
    ]


def _other_formats() -> list[Refused]:
    iphone = b"\0\0\0\x24ftypheic" + bytes(200)
    return [
        Refused("picture.gif", encoded(quarters(), "GIF"), "unsupported_format"),
        Refused("picture.bmp", encoded(quarters(), "BMP"), "unsupported_format"),
        Refused("picture.tiff", encoded(quarters(), "TIFF"), "unsupported_format"),
        Refused("iphone.jpg", iphone, "unsupported_format"),
        Refused("picture.avif", b"\0\0\0\x1cftypavif" + bytes(200), "unsupported_format"),
        Refused("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "unsupported_format"),
        Refused("paper.jpg", b"%PDF-1.7\n", "unsupported_format"),
        Refused("animated.webp", _animated("WEBP"), "animated"),
        Refused("animated.png", _animated("PNG"), "animated"),
    ]


def _wrong_sizes() -> list[Refused]:
    dot = Image.new("RGB", (1, 1), RED)
    return [
        Refused("dot.jpg", encoded(dot, "JPEG"), "too_small"),
        Refused("dot.png", encoded(dot, "PNG"), "too_small"),
        Refused("dot.webp", encoded(dot, "WEBP"), "too_small"),
        Refused("strip.png", encoded(Image.new("RGB", (500, 31)), "PNG"), "too_small"),
        Refused("no-pixels.png", png_header(0, 0), "damaged"),
        Refused("30000x30000.png", png_header(30_000, 30_000), "too_many_pixels"),
        Refused("line.png", png_header(2_000_000, 40), "too_many_pixels"),
        Refused("65500x65500.jpg", jpeg_header(65_500, 65_500), "too_many_pixels"),
        Refused("6325x6325.jpg", jpeg_header(6_325, 6_325), "too_many_pixels"),
        Refused("16384x16384.webp", webp_header(16_384, 16_384), "too_many_pixels"),
        Refused("lossless.webp", webp_lossless_header(16_383, 16_383), "too_many_pixels"),
    ]


def _bombs() -> list[Refused]:
    text = b"Comment\0\0" + zlib.compress(bytes(50_000_000), 9)
    return [
        Refused("many-scans.jpg", many_scans(300), "too_complex"),
        Refused("hidden-scans.jpg", many_scans(300, between=_comment(b"\xff\xd9")), "too_complex"),
        Refused("text-bomb.png", _with_chunk(b"zTXt", text), "damaged"),
    ]


def _damaged() -> list[Refused]:
    jpeg, progressive = encoded(noise(), "JPEG"), encoded(noise(), "JPEG", progressive=True)
    png, webp = encoded(noise(), "PNG"), encoded(noise(), "WEBP", lossless=True)
    whole = {"jpg": jpeg, "progressive.jpg": progressive, "png": png, "webp": webp}
    cut = [
        Refused(f"cut-at-{share}.{ending}", data[: len(data) * share // 100], "damaged")
        for ending, data in whole.items()
        for share in (5, 50, 90)
    ]
    flipped = bytearray(png)
    flipped[len(png) // 2] ^= 0xFF
    return [
        *cut,
        Refused("magic-only.jpg", b"\xff\xd8\xff", "damaged"),
        Refused("magic-only.png", b"\x89PNG\r\n\x1a\n", "damaged"),
        Refused("magic-only.webp", b"RIFF\x24\0\0\0WEBP", "damaged"),
        Refused("flipped-bit.png", bytes(flipped), "damaged"),
        Refused("bad-header.png", png_header(100, 100, depth=3), "damaged"),
    ]


def odd_photos() -> list[Odd]:
    """Make every unusual file that must be read right."""
    return [*_odd_colours(), *_turned(), *_odd_wrappings()]


def _odd_colours() -> list[Odd]:
    picture = quarters()
    gray = tuple(
        (round(v),) * 3 for v in np.asarray(picture.convert("L"))[[2, 2, -2, -2], [2, -2, 2, -2]]
    )
    bright = np.asarray(picture.convert("L")).astype(np.uint16) * 257
    clear = picture.convert("RGBA")
    clear.putalpha(0)
    white = ((255, 255, 255),) * 4
    wide = Image.fromarray(p3_pixels(np.asarray(picture)))
    return [
        Odd("printed.jpg", encoded(_inked(picture), "JPEG"), "jpeg", tolerance=6),
        Odd("gray.jpg", encoded(picture.convert("L"), "JPEG"), "jpeg", corners=gray),
        Odd("gray-16-bit.png", encoded(Image.fromarray(bright), "PNG"), "png", corners=gray),
        Odd("colour-16-bit.png", png_16_bit(np.asarray(picture)), "png", tolerance=0),
        Odd("palette.png", encoded(picture.quantize(8), "PNG"), "png"),
        Odd("gray-alpha.png", encoded(picture.convert("LA"), "PNG"), "png", corners=gray),
        Odd("clear.png", encoded(clear, "PNG"), "png", corners=white),
        Odd("clear.webp", encoded(clear, "WEBP", lossless=True), "webp", corners=white),
        Odd("lossless.webp", encoded(picture, "WEBP", lossless=True), "webp", tolerance=0),
        Odd("phone-p3.jpg", encoded(wide, "JPEG", icc_profile=p3_icc()), "jpeg"),
        Odd("phone-p3.png", encoded(wide, "PNG", icc_profile=p3_icc()), "png", tolerance=2),
        Odd("broken-profile.jpg", encoded(picture, "JPEG", icc_profile=b"no profile"), "jpeg"),
    ]


def _turned() -> list[Odd]:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    made = []
    for orientation, turn in turns.items():
        stored, exif = quarters().transpose(turn), Image.Exif()
        exif[0x0112] = orientation
        made += [
            Odd(f"turned-{orientation}.jpg", encoded(stored, "JPEG", exif=exif), "jpeg"),
            Odd(f"turned-{orientation}.png", encoded(stored, "PNG", exif=exif), "png"),
        ]
    return made


def _odd_wrappings() -> list[Odd]:
    picture, secret = quarters(), Image.Exif()
    secret[0x010E] = "secret place"
    secret[0x8825] = {1: "N", 2: (37.0, 33.0, 0.0), 3: "E", 4: (126.0, 58.0, 0.0)}
    jpeg = encoded(picture, "JPEG", exif=secret, comment=b"secret comment")
    broken = b"Exif\0\0MM\0*\xff\xff\xff\xff"
    return [
        Odd("사진 한 장 (1).jpg", jpeg, "jpeg"),
        Odd("png-inside.jpg", encoded(picture, "PNG"), "png", tolerance=0),
        Odd("jpeg-inside.webp", jpeg, "jpeg"),
        Odd("zip-behind.jpg", jpeg + b"PK\x03\x04secret archive" + b"\xff\xda" * 500, "jpeg"),
        Odd("text-behind.png", encoded(picture, "PNG") + b"secret text", "png"),
        Odd("broken-exif.jpg", encoded(picture, "JPEG", exif=broken), "jpeg"),
        Odd("endless-exif.jpg", encoded(picture, "JPEG", exif=_endless_exif()), "jpeg"),
        Odd("progressive.jpg", encoded(picture, "JPEG", progressive=True), "jpeg"),
    ]


def _inked(picture: Image.Image) -> Image.Image:
    """Return CMYK with black ink drawn out; PIL's own conversion never uses black."""
    cmy = 255 - np.asarray(picture).astype(np.float64)
    black = cmy.min(axis=2, keepdims=True)
    inks = (cmy - black) / np.maximum(255 - black, 1) * 255
    return Image.fromarray(np.dstack([inks, black]).round().astype(np.uint8), "CMYK")


def _animated(file_format: str) -> bytes:
    frames = [quarters(), quarters().transpose(Image.Transpose.ROTATE_180)]
    return encoded(frames[0], file_format, save_all=True, append_images=frames[1:], duration=80)


def _endless_exif() -> bytes:
    return b"Exif\0\0" + struct.pack("<2sHIH", b"II", 42, 8, 65_535) + bytes(24)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def png_header(width: int, height: int, *, depth: int = 8) -> bytes:
    """Make a PNG of 100 bytes that claims ``width`` × ``height`` pixels."""
    claim = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + claim
        + _chunk(b"IDAT", zlib.compress(bytes(99)))
        + _chunk(b"IEND", b"")
    )


def png_16_bit(pixels: np.ndarray) -> bytes:
    """Write an RGB PNG of 16 bits a channel, which PIL cannot write."""
    height, width, _ = pixels.shape
    rows = pixels.astype(">u2") * 257
    raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in rows)
    claim = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + claim + _chunk(b"IDAT", zlib.compress(raw)) + _chunk(b"IEND", b"")


def _with_chunk(kind: bytes, body: bytes) -> bytes:
    png = encoded(quarters(), "PNG")
    return png[:33] + _chunk(kind, body) + png[33:]


def jpeg_header(width: int, height: int) -> bytes:
    """Make a small JPEG that claims ``width`` × ``height`` pixels."""
    jpeg = encoded(quarters(), "JPEG")
    at = re.search(rb"\xff\xc0", jpeg).start()
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def webp_header(width: int, height: int) -> bytes:
    """Make an extended WebP header that claims a canvas of ``width`` × ``height`` pixels."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_lossless_header(width: int, height: int) -> bytes:
    """Make a lossless WebP header that claims ``width`` × ``height`` pixels."""
    bits = struct.pack("<I", (width - 1) | (height - 1) << 14)
    body = b"WEBPVP8L" + struct.pack("<I", 14) + b"\x2f" + bits + bytes(9)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _comment(text: bytes) -> bytes:
    return b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text


def many_scans(count: int, *, between: bytes = b"") -> bytes:
    """Repeat a progressive JPEG's last scan: each costs a pass over the picture."""
    jpeg = encoded(quarters(), "JPEG", progressive=True)
    last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    return jpeg[:-2] + (between + last) * count + b"\xff\xd9"
