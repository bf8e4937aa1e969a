"""The lookbook: looks that were counted, and one's own pictures, found and taken along."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.gateway.access import By, Caller, Gateway, Here, Spoken
from services.gateway.api.replies import (
    ERRORS,
    NOT_FOUND,
    PICTURE,
    Cursor,
    PageSize,
    has,
    picture,
    reply,
    unchanged,
)
from services.gateway.api.trends import Source, Word, today
from services.gateway.domain import etag_of
from services.gateway.gallery.asking import Wanted
from services.gateway.gallery.drawn import drawn_page, drawn_view, find_drawn, seen_garments
from services.gateway.gallery.figures import draw_figure
from services.gateway.gallery.models import Kind, LookDetail, LookPage, SimilarLooks
from services.gateway.gallery.similar import similar_looks
from services.gateway.gallery.street import find_street, looks_of, street_page, street_view
from services.gateway.gallery.wardrobe import Dressed, dressed_as_asked, dressed_in
from services.gateway.problems import not_found
from shared.errors import UsageError
from shared.records.trend_queries import MAX_WEEKS, check

router = APIRouter(prefix="/v1/looks", tags=["looks"], responses=ERRORS)
_KEPT: Final = "private, max-age=3600"
"""For how long a browser shows a figure again without asking: there is nobody in it."""
LookId = Annotated[
    str, Path(pattern="^([0-9a-f]{64}|[0-9a-f]{32})$", description="of a photo, or of a picture")
]
PhotoId = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
Weeks = Annotated[int, Query(ge=1, le=MAX_WEEKS, description="of the last weeks")]


def _wanted(
    caller: By,
    *,
    item: Word = None,
    color: Word = None,
    pattern: Word = None,
    style: Word = None,
    source: Source = None,
    weeks: Weeks = 52,
    week: Annotated[date | None, Query(description="a day of the one week, not `weeks`")] = None,
) -> Wanted:
    return Wanted(
        item=check("item", item), color=check("color", color), pattern=check("pattern", pattern),
        style=check("style", style), source=source, weeks=weeks, week=week,
        uploads_of=None if caller.is_admin else caller.key_id,
    )  # fmt: skip


Asked = Annotated[Wanted, Depends(_wanted)]


@router.get("", response_model=LookPage)
def list_looks(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    wanted: Asked,
    kind: Annotated[
        Kind, Query(description="street: photos that were counted; drawn: pictures of your own")
    ] = "street",
    cursor: Cursor = None,
    limit: PageSize = 24,
) -> Response:
    """List looks, the latest first: one garment of each has the item, colour and pattern.

    A drawn picture fits by what was asked of it, and has no source.
    """
    if kind == "drawn" and wanted.source is not None:
        raise UsageError(
            "source: pictures have none; leave it out, or ask for kind=street",
            text_ko="source: 그림에는 출처가 없습니다. 빼거나 kind=street로 물어보세요",
            reason="no_source_of_drawn",
        )
    page = street_page if kind == "street" else drawn_page
    found = page(
        gateway, caller, wanted, today=today(), cursor=cursor, limit=limit, language=language
    )
    return reply(request, found)


@router.get("/{look_id}", response_model=LookDetail, responses=NOT_FOUND)
def get_look(
    request: Request, look_id: LookId, caller: By, gateway: Here, language: Spoken
) -> Response:
    """Show one look: a drawn one with the garments that are seen in its best picture."""
    if _is_photo(look_id):
        view = street_view(find_street(gateway, caller, look_id), language)
    else:
        drawn = find_drawn(gateway, caller, look_id)
        view = drawn_view(drawn, language, seen_garments(gateway, drawn))
    return reply(request, LookDetail(**view.model_dump()))


@router.get("/{look_id}/similar", response_model=SimilarLooks, responses=NOT_FOUND)
def get_similar(
    request: Request,
    look_id: LookId,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    wanted: Asked,
    limit: Annotated[int, Query(ge=1, le=50)] = 12,
) -> Response:
    """Find street looks that are dressed like this one, by how each garment looks.

    Filters are those of the list.
    """
    dressed, repeated = _dressed(gateway, caller, look_id)
    found = similar_looks(gateway, dressed, wanted, today=today(), limit=limit, without=repeated)
    looks = looks_of(gateway, caller, [photo_id for photo_id, _ in found.looks])
    views = [
        street_view(looks[photo_id], language, likeness=round(score, 4))
        for photo_id, score in found.looks
        if photo_id in looks
    ]
    return reply(request, SimilarLooks(looks=views, compared=found.compared))


@router.get("/{photo_id}/figure.png", response_class=Response, responses={**NOT_FOUND, **PICTURE})
async def get_figure(
    request: Request,
    photo_id: PhotoId,
    caller: By,
    gateway: Here,
    *,
    side: Annotated[int, Query(ge=64, le=1280, description="pixels of the longer side")] = 640,
) -> Response:
    """Show the garments of a counted look as shapes in their colours: no photo, no person."""
    look = await to_thread.run_sync(find_street, gateway, caller, photo_id)
    if look.analysis is None:
        raise not_found(
            f"figure of {photo_id}", f"{photo_id}의 그림", reason="no_figure", hint="/v1/looks"
        )
    etag = etag_of(f"{look.analysis.model_dump_json()} {side}".encode())
    if has(request, etag):
        return unchanged(etag)
    draw = partial(draw_figure, look.analysis, side=side)
    shown = picture(await to_thread.run_sync(draw, limiter=gateway.decoding), etag)
    shown.headers["Cache-Control"] = _KEPT
    return shown


def _is_photo(look_id: str) -> bool:
    return len(look_id) == 64


def _dressed(gateway: Gateway, caller: Caller, look_id: str) -> tuple[Dressed, str | None]:
    """Return what a look is dressed in, and which look it repeats where it is a photo."""
    if _is_photo(look_id):
        look = find_street(gateway, caller, look_id)
        return dressed_in(look.analysis.garments) if look.analysis else (), look.look_id
    drawn = find_drawn(gateway, caller, look_id)
    seen = dressed_in(seen_garments(gateway, drawn))
    return seen or dressed_as_asked(drawn.look.wear), None
