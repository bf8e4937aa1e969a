"""A finished picture as a file: format, size, and its story inside."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Final, Literal

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from shared.imaging import Pixels, resize_to

Format = Literal["png", "webp", "jpeg"]
FORMATS: Final[dict[Format, str]] = {
    "png": "image/png",
    "webp": "image/webp",
    "jpeg": "image/jpeg",
}
"""Each format and its content type."""

SIZES: Final[dict[str, int | None]] = {"full": None, "large": 1024, "medium": 640, "small": 320}
"""The longer side of a picture of this name, in pixels; never enlarged. None: as it is."""

WEBP_QUALITY: Final = 88
JPEG_QUALITY: Final = 92


def encode(
    pixels: Pixels,
    *,
    format: Format = "png",
    size: str = "full",
    metadata: Mapping[str, str] | None = None,
) -> bytes:
    """Encode (height, width, 3) uint8 RGB; PNG carries ``metadata`` as text, in its order.

    The same pixels and metadata give the same bytes.
    """
    most = SIZES[size]
    image = Image.fromarray(pixels if most is None else resize_to(pixels, max_side=most))
    out = BytesIO()
    if format == "png":
        info = PngInfo()
        for name, text in (metadata or {}).items():
            info.add_itxt(name, text)
        image.save(out, "PNG", pnginfo=info, compress_level=6)
    elif format == "webp":
        image.save(out, "WEBP", quality=WEBP_QUALITY, method=4)
    else:
        image.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return out.getvalue()
