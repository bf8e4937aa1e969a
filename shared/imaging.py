"""Safe pictures: every picture from outside passes ``decode`` before anything else sees it.

What comes out is plain: upright RGB pixels in sRGB. What is stored is written by our own
encoder from those pixels, so that EXIF, GPS, comments, thumbnails, trailing data and whatever
else hid in the file stay outside. Nothing here keeps state; all of it is thread-safe.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from shared.photo_checks import (
    Format,
    PhotoError,
    check_scans,
    check_size,
    check_still,
    recognise,
    webp_size,
)

STORED_QUALITY: Final = 92

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class DecodedPhoto:
    """An upright photo: ``pixels`` (height, width, 3) uint8 RGB in sRGB, read-only."""

    pixels: Pixels
    width: int
    height: int
    format: Format


def decode(data: bytes, *, name: str) -> DecodedPhoto:
    """Decode a JPEG, PNG or WebP photo, told by its content and never by its name.

    ``name`` is only named in errors. Size and pixel count are checked from the header before a
    pixel is decoded. Transparency is laid on white, ICC profiles and CMYK become sRGB, 16 bits
    become 8, EXIF orientation is applied. Raises PhotoError.
    """
    file_format = recognise(data, name=name)
    try:
        image = _load(data, file_format=file_format, name=name)
        upright = _to_upright(_to_srgb(image), orientation=_orientation(image))
        pixels: Pixels = np.asarray(upright)
    except PhotoError:
        raise
    except Exception as error:  # hostile files make the codecs raise nearly every built-in type
        raise PhotoError(name, "damaged") from error
    pixels.flags.writeable = False
    return DecodedPhoto(pixels, upright.width, upright.height, file_format)


def strip_and_encode(photo: DecodedPhoto) -> bytes:
    """Encode what is stored: a JPEG of the pixels alone, quality 92, full colour resolution.

    The same pixels give the same bytes. There is no EXIF, ICC profile or comment in them.
    """
    return _encode(photo.pixels, quality=STORED_QUALITY)


def thumbnail(pixels: Pixels, *, max_side: int = 320) -> bytes:
    """Encode a small JPEG whose longer side is at most ``max_side`` pixels."""
    return _encode(resize_to(pixels, max_side=max_side), quality=85)


def resize_to(pixels: Pixels, *, max_side: int) -> Pixels:
    """Shrink (height, width, 3) so that the longer side is at most ``max_side``; never enlarge."""
    height, width = pixels.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(image)


def perceptual_hash(pixels: Pixels, *, side: int = 8) -> int:
    """Return the pHash of ``side**2`` bits (64): near-duplicates differ in few of them.

    It is ``imagehash.phash`` bit for bit (a test compares them), without its scipy and
    PyWavelets: the signs around the median of the 8 x 8 lowest DCT frequencies at 32 x 32, or
    of ``side`` squared ones at four times their side.
    """
    size = 4 * side
    gray = Image.fromarray(pixels).convert("L").resize((size, size), Image.Resampling.LANCZOS)
    dct = np.cos(np.pi * np.outer(np.arange(side), 2 * np.arange(size) + 1) / (2 * size))
    low = dct @ np.asarray(gray, dtype=np.float64) @ dct.T
    return int.from_bytes(np.packbits(low > np.median(low)).tobytes(), "big")


def hamming(first: int, second: int) -> int:
    """Count the bits in which two hashes differ, 0 to 64."""
    return (first ^ second).bit_count()


class _PlainJpeg(JpegImageFile):
    """A JPEG whose EXIF Pillow leaves alone: it would parse and warn, only to learn the DPI."""

    def _read_dpi_from_exif(self) -> None:
        return


def _load(data: bytes, *, file_format: Format, name: str) -> ImageFile:
    """Check the header, then decode with that one codec.

    ``Image.open`` would try other formats and warn about sizes through process-wide filters.
    """
    check_still(data, file_format=file_format, name=name)
    stream = BytesIO(data)
    image: ImageFile
    if file_format == "jpeg":
        image = _PlainJpeg(stream)
    elif file_format == "png":
        image = PngImageFile(stream)
    else:
        check_size(webp_size(data), name=name)
        image = WebPImageFile(stream)
    check_size(image.size, name=name)
    if file_format == "jpeg":
        check_scans(data, start=stream.tell(), name=name)
    image.load()
    return image


def _to_srgb(image: Image.Image) -> Image.Image:
    """Return ``image`` as RGB in sRGB on white, whatever its mode, depth and profile are."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # 16 bits of gray: keep the high byte, as for 16-bit RGB
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        page = Image.new("RGB", image.size, "white")
        page.paste(_apply_profile(layered.convert("RGB"), profile), mask=layered.getchannel("A"))
        return page
    if image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    return _apply_profile(image, profile)


def _apply_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert from the embedded ICC profile; a broken or unfit profile counts as none."""
    if not profile:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if ImageCms.getProfileDescription(source).startswith("sRGB IEC61966-2"):
            return image.convert("RGB")
        converted = ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")
    return converted or image.convert("RGB")


_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _to_upright(image: Image.Image, *, orientation: int) -> Image.Image:
    turn = _UPRIGHT.get(orientation)
    return image if turn is None else image.transpose(turn)


def _orientation(image: Image.Image) -> int:
    """Read EXIF tag 0x0112 from the first directory; 1 (upright) where it cannot be read."""
    exif = image.info.get("exif", b"").removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (directory,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, directory)
        for entry in range(directory + 2, directory + 2 + 12 * count, 12):
            tag, _type, _number, value = struct.unpack_from(f"{order}HHIH", exif, entry)
            if tag == 0x0112:
                return int(value)
    except struct.error:
        return 1
    return 1


def _encode(pixels: Pixels, *, quality: int) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality, subsampling=0)
    return out.getvalue()
