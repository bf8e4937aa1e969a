"""A made-up photo of an outfit, and its analysis: a top and trousers as plain shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from shared.contracts.garments import Analysis, Color, Garment
from shared.contracts.message import ModelRef
from shared.masks import encode_mask

SIZE = (240, 360)
PARK = (90, 180, 110)
TOP = [(70, 60), (170, 60), (200, 150), (160, 160), (160, 190), (80, 190), (80, 160), (40, 150)]
TROUSERS = [(80, 190), (160, 190), (170, 340), (130, 340), (120, 230), (110, 340), (70, 340)]
MODEL = ModelRef(name="made_up", version="1", sha256="0" * 64)


def photo_bytes(*, shade: int = 0) -> bytes:
    """Return a JPEG; another ``shade``, 0 to 99, is another photo."""
    image = Image.new("RGB", SIZE, PARK)
    draw = ImageDraw.Draw(image)
    draw.polygon(TOP, (30 + shade, 90, 170))
    draw.polygon(TROUSERS, (40, 40, 48))
    out = BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def analysis(data: bytes) -> Analysis:
    """Return what the models might say of ``photo_bytes``."""
    photo_id = sha256(data).hexdigest()
    return Analysis(
        photo_id=photo_id,
        look_id=photo_id,
        posted_at=datetime(2026, 3, 2, tzinfo=UTC),
        source="upload",
        author=None,
        width=SIZE[0],
        height=SIZE[1],
        fashion=0.97,
        styles={"casual": 0.8},
        garments=(
            garment(
                "long_sleeved_shirt", TOP, color=("denim blue", "데님 파랑", "blue", "#1e5aaa")
            ),
            garment(
                "trousers", TROUSERS, color=("almost black", "검정에 가까운", "black", "#282830")
            ),
        ),
        models=(MODEL,),
    )


def garment(
    category: str, outline: list[tuple[int, int]], *, color: tuple[str, str, str, str]
) -> Garment:
    """Return a garment whose mask is the polygon ``outline``."""
    shape = Image.new("1", SIZE)
    ImageDraw.Draw(shape).polygon(outline, 1)
    mask = np.asarray(shape)
    xs, ys = zip(*outline, strict=True)
    name, name_ko, basic, code = color
    return Garment(
        category=category,
        score=0.9,
        box=(min(xs), min(ys), max(xs) + 1, max(ys) + 1),
        mask=encode_mask(mask),
        area=int(mask.sum()),
        pattern="solid",
        colors=(Color(name=name, name_ko=name_ko, basic=basic, hex=code, share=0.9),),
    )
