"""Items like the garments of a photo that the caller has sent."""

from __future__ import annotations

from dataclasses import dataclass

from services.gateway.access import Caller, Gateway
from services.gateway.catalog.alike import Alike, Wanted, alike
from services.gateway.catalog.reading import open_catalog
from services.gateway.photo_records import analysis_of, find_photo
from services.gateway.problems import RefusedError, not_found
from shared.contracts.garments import Analysis, Garment
from shared.embeddings import from_bytes, unpack


@dataclass(frozen=True)
class Similar:
    """A garment of a photo, and the items that look like it."""

    index: int
    garment: Garment
    items: tuple[Alike, ...]


def similar(
    gateway: Gateway, caller: Caller, photo_id: str, *, garment: int | None = None, limit: int = 5
) -> tuple[Similar, ...]:
    """Return up to ``limit`` items like each garment of a photo, or like one of them.

    In the order of the analysis, those in stock first. RefusedError where the caller has no such
    photo (404), it is not analysed yet (409), or it has no such garment (422).
    """
    garments = list(enumerate(_analysis(gateway, caller, photo_id).garments))
    if garment is not None and not 0 <= garment < len(garments):
        raise RefusedError(
            422,
            f"the photo has {len(garments)} garments, and none with the index {garment}",
            text_ko=f"사진의 옷은 {len(garments)}벌이며 {garment}번은 없습니다",
            reason="no_such_garment",
        )
    catalog = open_catalog(gateway)
    return tuple(
        Similar(index, seen, alike(catalog, wanted_of(seen), limit=limit))
        for index, seen in garments
        if garment is None or index == garment
    )


def wanted_of(garment: Garment) -> Wanted:
    """Return what a garment of an analysis looks like."""
    packed = garment.embedding
    vector = from_bytes(unpack(packed)) if packed is not None else None
    return Wanted(garment.category, garment.colors, vector)


def _analysis(gateway: Gateway, caller: Caller, photo_id: str) -> Analysis:
    with gateway.database.reading() as session:
        known = find_photo(session, photo_id, caller)
    if known is None:
        raise not_found(
            f"photo {photo_id}", f"사진 {photo_id}", reason="unknown_photo", hint="GET /v1/photos"
        )
    if known.state != "analyzed":
        raise RefusedError(
            409,
            f"the photo is {known.state}: nothing is known of its garments; "
            f"see GET /v1/photos/{photo_id}",
            text_ko=f"사진 상태가 {known.state}여서 옷을 알 수 없습니다. "
            f"GET /v1/photos/{photo_id}를 보세요",
            reason="not_analyzed",
        )
    return analysis_of(gateway.context.storage, known)
