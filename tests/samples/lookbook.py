"""A street of flat people: their photos, analyses with embeddings, posts, and what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from itertools import product
from typing import Final

import numpy as np

from services.trends.rollup import count_photos
from shared.contracts.garments import Analysis, Garment
from shared.contracts.message import ModelRef
from shared.contracts.photos import AnalyzedPhoto, GarmentFact, PhotoRef
from shared.contracts.vocabulary import CATEGORIES, STYLES
from shared.embeddings import pack
from shared.records import Database
from shared.records.ingestion import Photo, Post
from shared.storage import ObjectStore
from shared.storage.keys import photo_key, result_key
from tests.servers.drawing import people

OUTFITS: Final = tuple(
    f"{above} shirt, {below}"
    for below, above in product(
        ("navy trousers", "beige skirt", "black trousers", "pink skirt"),
        ("white", "black", "navy", "red", "blue", "green"),
    )
)
_MODEL: Final = ModelRef(name="made_up", version="1", sha256="0" * 64)
_SIZE: Final = (400, 600)


def fill(
    database: Database, storage: ObjectStore, *, last: datetime, outfits: Sequence[str] = OUTFITS
) -> list[str]:
    """Write one look for each outfit, the first one posted last; return their photo ids."""
    made = [
        _made(outfit, number, posted_at=last - timedelta(days=number))
        for number, outfit in enumerate(outfits)
    ]
    with database.transaction() as session:
        for data, analysis, style in made:
            photo, post = _rows(analysis, style)
            session.add(photo)
            session.add(post)
            storage.put(photo.key, data, content_type="image/jpeg")
            body = analysis.model_dump_json().encode()
            storage.put(_analysis_key(analysis), body, content_type="application/json")
    count_photos(database, [_settled(*one[1:]) for one in made], author_cap=99)
    return [analysis.photo_id for _, analysis, _ in made]


def _made(outfit: str, number: int, *, posted_at: datetime) -> tuple[bytes, Analysis, str]:
    picture = people.draw(outfit, seed=number, width=_SIZE[0], height=_SIZE[1])
    out = BytesIO()
    picture.save(out, "JPEG", quality=95)
    photo_id = sha256(out.getvalue()).hexdigest()
    seen = people.Eyes().examine(np.asarray(picture), path="-").garments
    style = STYLES[number % len(STYLES)]
    analysis = Analysis(
        photo_id=photo_id, look_id=photo_id, posted_at=posted_at, source="street", author=None,
        width=_SIZE[0], height=_SIZE[1], fashion=0.97, styles={style: 1.0},
        garments=tuple(map(_embedded, seen)), models=(_MODEL,),
    )  # fmt: skip
    return out.getvalue(), analysis, style


def _embedded(garment: Garment) -> Garment:
    """Give a garment the embedding of its category: colours alone tell two skirts apart."""
    vector = np.zeros(16, np.float32)
    vector[CATEGORIES.index(garment.category)] = 1
    return garment.model_copy(update={"embedding": pack(vector)})


def _analysis_key(analysis: Analysis) -> str:
    return result_key("color", "1", analysis.photo_id)


def _rows(analysis: Analysis, style: str) -> tuple[Photo, Post]:
    photo_id, at = analysis.photo_id, analysis.posted_at
    photo = Photo(
        photo_id=photo_id, key=photo_key(photo_id), width=analysis.width, height=analysis.height,
        perceptual_hash=0, fine_hash=bytes(32), look_id=photo_id, posted_at=at, source="street",
        author=None, received_at=at, published_at=at, attempts=1,
    )  # fmt: skip
    post = Post(
        post_id=photo_id, photo_id=photo_id, source="street", posted_at=at, hashtags=[],
        licence="CC BY 4.0", credit="Kim Minji", url=f"https://street.example/{photo_id[:8]}",
    )  # fmt: skip
    return photo, post


def _settled(analysis: Analysis, style: str) -> AnalyzedPhoto:
    photo_id = analysis.photo_id
    ref = PhotoRef(
        photo_id=photo_id, key=photo_key(photo_id), width=analysis.width, height=analysis.height,
        posted_at=analysis.posted_at, source="street", look_id=photo_id,
    )  # fmt: skip
    return AnalyzedPhoto(
        photo=ref, fashion=0.97, styles={style: 1.0}, analysis_key=_analysis_key(analysis),
        models=(_MODEL,),
        garments=tuple(
            GarmentFact(
                category=one.category, score=one.score, color=one.colors[0].name,
                basic=one.colors[0].basic, hex=one.colors[0].hex, pattern=one.pattern,
            )
            for one in analysis.garments
        ),
    )  # fmt: skip
