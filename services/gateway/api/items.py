"""Items of shops: listed, shown, and those that look alike."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response

from services.gateway.access import By, Gateway, Here, Spoken
from services.gateway.api.replies import (
    ERRORS,
    JPEG,
    NOT_FOUND,
    Cursor,
    PageSize,
    has,
    picture,
    problem,
    reply,
    unchanged,
)
from services.gateway.catalog.alike import Wanted, alike
from services.gateway.catalog.domain import Catalog, Item
from services.gateway.catalog.reading import open_catalog
from services.gateway.catalog.similar import similar
from services.gateway.domain import etag_of, from_cursor, to_cursor
from services.gateway.item_views import (
    AlikeItem,
    AlikeItems,
    ItemPage,
    ItemView,
    SimilarGarment,
    SimilarIn,
    SimilarItems,
)
from services.gateway.problems import not_found
from shared.contracts.vocabulary import CATEGORIES, FAMILIES, WORN_BELOW
from shared.imaging import decode, thumbnail
from shared.storage.keys import photo_key

router = APIRouter(prefix="/v1", tags=["items"], responses=ERRORS)
ItemId = Annotated[str, Path(max_length=24, description="the item's id")]
_BOTTOM: Final = tuple(category for family in WORN_BELOW for category in FAMILIES[family])

Word = Annotated[str | None, Query(max_length=64)]


@router.get("/items", response_model=ItemPage)
def list_items(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    item: Annotated[Word, Query(description="a category or family: top, outer, bottom…")] = None,
    color: Annotated[Word, Query(description="basic colour of the largest part")] = None,
    pattern: Word = None,
    gender: Annotated[
        Literal["women", "men"] | None, Query(description="and what is for anybody")
    ] = None,
    feed: Annotated[Word, Query(description="the shop")] = None,
    max_price: Annotated[int | None, Query(ge=0, description="KRW")] = None,
    available: Annotated[bool | None, Query(description="in stock, or not")] = None,
    q: Annotated[Word, Query(description="in the title or brand")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Response:
    """List the shops' items by id."""
    wanted = _categories(item)
    words = q.casefold() if q else ""

    def fits(one: Item) -> bool:
        return (
            (wanted is None or one.category in wanted)
            and (color is None or (bool(one.colors) and one.colors[0].basic == color))
            and (pattern is None or one.pattern == pattern)
            and (gender is None or one.gender in (gender, "any"))
            and (feed is None or one.feed == feed)
            and (max_price is None or one.price <= max_price)
            and (available is None or one.available == available)
            and words in f"{one.title} {one.brand or ''}".casefold()
        )

    after = str(from_cursor(cursor, str)[0]) if cursor is not None else ""
    found = [o for o in open_catalog(gateway).items if o.item_id > after and fits(o)]
    page = ItemPage(
        items=[ItemView.of(one, language) for one in found[:limit]],
        next=to_cursor(found[limit - 1].item_id) if len(found) > limit else None,
    )
    return reply(request, page)


@router.get("/items/{item_id}", response_model=ItemView, responses=NOT_FOUND)
def get_item(
    request: Request, item_id: ItemId, caller: By, gateway: Here, language: Spoken
) -> Response:
    """Tell of an item; one that its shop lists no more is told for 30 days, as not available."""
    return reply(request, ItemView.of(_found(open_catalog(gateway), item_id), language))


@router.get(
    "/items/{item_id}/picture.jpg", response_class=Response, responses={**NOT_FOUND, **JPEG}
)
async def get_picture(
    request: Request,
    item_id: ItemId,
    caller: By,
    gateway: Here,
    *,
    side: Annotated[int, Query(ge=64, le=1280, description="pixels of the longer side")] = 640,
) -> Response:
    """Show the item's photo as its shop offers it, at most ``side`` pixels long."""
    catalog = await to_thread.run_sync(open_catalog, gateway)
    item = _found(catalog, item_id)
    etag = etag_of(f"{item.photo_id} {side}".encode())
    if has(request, etag):
        return unchanged(etag)
    shrink = partial(_shrink, gateway, item, side=side)
    data = await to_thread.run_sync(shrink, limiter=gateway.decoding)
    return picture(data, etag, media_type="image/jpeg")


@router.get("/items/{item_id}/similar", response_model=AlikeItems, responses=NOT_FOUND)
def get_similar(
    request: Request,
    item_id: ItemId,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Response:
    """List the items that look like this one: those in stock first."""
    catalog = open_catalog(gateway)
    item = _found(catalog, item_id)
    found = alike(catalog, Wanted.like(item), limit=limit, without=(item_id,))
    return reply(request, AlikeItems(items=[AlikeItem.of(one, language) for one in found]))


@router.post(
    "/similar",
    response_model=SimilarItems,
    responses={**NOT_FOUND, 409: problem("the photo is not analysed yet")},
)
def find_similar(
    request: Request, wanted: SimilarIn, caller: By, gateway: Here, language: Spoken
) -> Response:
    """Find items like the garments of a photo: by how they look and by colour."""
    found = similar(
        gateway, caller, wanted.photo_id, garment=wanted.garment, limit=wanted.limit
    )  # fmt: skip
    garments = [SimilarGarment.of(one, language) for one in found]
    return reply(request, SimilarItems(garments=garments))


def _categories(item: str | None) -> tuple[str, ...] | None:
    if item is None:
        return None
    if item == "bottom":
        return _BOTTOM
    return FAMILIES.get(item, (item,) if item in CATEGORIES else ())


def _found(catalog: Catalog, item_id: str) -> Item:
    item = catalog.by_id.get(item_id)
    if item is None:
        raise not_found(
            f"item {item_id}", f"상품 {item_id}", reason="unknown_item", hint="GET /v1/items"
        )
    return item


def _shrink(gateway: Gateway, item: Item, *, side: int) -> bytes:
    data = gateway.context.storage.get(photo_key(item.photo_id))
    return thumbnail(decode(data, name=item.photo_id).pixels, max_side=side)
