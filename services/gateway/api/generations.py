"""Generations: wish for a picture, follow it, fetch it, change it, call it off."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any, Final

import anyio
from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.gateway import looks
from services.gateway.access import By, Caller, Gateway, Here, Spoken
from services.gateway.answers import IdempotencyKey
from services.gateway.api.replies import (
    ERRORS,
    NOT_FOUND,
    Cursor,
    PageSize,
    has,
    picture,
    problem,
    reply,
    unchanged,
)
from services.gateway.domain import Language, etag_of
from services.gateway.drawing import files, wishing
from services.gateway.drawing.files import MEDIA_TYPES, Form
from services.gateway.drawing.showing import garments_of, view_of
from services.gateway.job_requests import EditIn, GenerationIn
from services.gateway.job_views import GenerationPage, GenerationView, SeenGarments
from services.gateway.looks import KnownLook

router = APIRouter(prefix="/v1/generations", tags=["generations"], responses=ERRORS)
_POLL_SECONDS: Final = 0.5
_TAKEN: Final[dict[int | str, dict[str, Any]]] = {
    429: problem("too many requests, or too many pictures of yours that are not done"),
}
_FORMS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {media: {"example": "(picture)"} for media in MEDIA_TYPES.values()},
        "description": "the picture",
    },
    304: {"description": "unchanged since If-None-Match"},
}
Variant = Annotated[int, Query(ge=1, le=4, description="the best is 1")]
Side = Annotated[
    int | None,
    Query(alias="size", ge=32, le=2048, description="pixels of the longer side at most"),
]


def _look(
    job_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")], caller: By, gateway: Here
) -> KnownLook:
    return looks.find_look(gateway, caller, job_id)


Look = Annotated[KnownLook, Depends(_look)]


@router.post("", status_code=202, response_model=GenerationView, responses=_TAKEN)
def wish_for_picture(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    body: GenerationIn,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Wish for a picture; it is drawn by and by. Where nobody draws, it is a board: `notice`."""
    answer = wishing.wish_for(
        gateway, caller, body, language=language, idempotency_key=idempotency_key
    )
    return reply(request, GenerationView.model_validate(answer), status=202)


@router.get("", response_model=GenerationPage)
def list_generations(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Response:
    """List one's own pictures, the latest first; `edits` of each are told by itself alone."""
    found = looks.list_looks(gateway, caller, cursor=cursor, limit=limit + 1)
    page = GenerationPage(
        items=[view_of(known, language) for known in found[:limit]],
        next=found[limit - 1].cursor if len(found) > limit else None,
    )
    return reply(request, page)


@router.get("/{job_id}", response_model=GenerationView, responses=NOT_FOUND)
def get_generation(request: Request, look: Look, gateway: Here, language: Spoken) -> Response:
    """Tell how far a picture is. done, failed and cancelled are final."""
    return reply(request, view_of(look, language, looks.edits_of(gateway, look)))


@router.get("/{job_id}/picture.{form}", response_class=Response, responses={**NOT_FOUND, **_FORMS})
async def get_picture(
    request: Request,
    look: Look,
    gateway: Here,
    form: Form,
    *,
    variant: Variant = 1,
    size: Side = None,
) -> Response:
    """Fetch a picture, once it is done. As PNG it carries its manifest."""
    return await _sent(request, gateway, files.wanted(look, variant=variant, form=form, side=size))


@router.get("/{job_id}/picture", response_class=Response, responses={**NOT_FOUND, **_FORMS})
async def get_picture_by_accept(
    request: Request,
    look: Look,
    gateway: Here,
    *,
    accept: Annotated[str | None, Header(description="image/png, image/webp or image/jpeg")] = None,
    variant: Variant = 1,
    size: Side = None,
) -> Response:
    """Fetch a picture in the form that Accept asks for."""
    form = files.form_for(accept)
    sent = await _sent(request, gateway, files.wanted(look, variant=variant, form=form, side=size))
    sent.headers["Vary"] = "Accept"
    return sent


async def _sent(request: Request, gateway: Gateway, which: files.Wanted) -> Response:
    etag = etag_of(which.name.encode())
    if has(request, etag):
        return unchanged(etag)
    read = partial(files.picture_bytes, gateway.context.storage, which)
    data = await to_thread.run_sync(read, limiter=gateway.decoding)
    return picture(data, etag, media_type=MEDIA_TYPES[which.form])


@router.get(
    "/{job_id}/preview.webp",
    response_class=Response,
    responses={
        **NOT_FOUND,
        200: {"content": {"image/webp": {"example": "(WebP)"}}, "description": "the preview"},
    },
)
def get_preview(request: Request, look: Look, gateway: Here) -> Response:
    """See how a picture looks by now, while it is drawn."""
    data = files.preview_bytes(gateway.context.storage, look)
    etag = etag_of(data)
    return unchanged(etag) if has(request, etag) else picture(data, etag, media_type="image/webp")


@router.get(
    "/{job_id}/manifest.json",
    responses={
        **NOT_FOUND,
        200: {"content": {"application/json": {"example": {"backend": "sdxl", "pictures": []}}}},
    },
)
def get_manifest(request: Request, look: Look) -> Response:
    """Download how a picture was made: models, prompts, seeds, reviews."""
    files.wanted(look, variant=1, form="png", side=None)  # 404 where it is not done
    body = json.dumps(look.job.manifest if look.job else {}, ensure_ascii=False, indent=1).encode()
    name = f'attachment; filename="mapsi-{look.wish.job_id[:8]}.json"'
    return Response(
        body,
        media_type="application/json",
        headers={"Content-Disposition": name, "Cache-Control": "private, no-cache"},
    )


@router.get("/{job_id}/garments", response_model=SeenGarments, responses=NOT_FOUND)
def get_garments(
    request: Request, look: Look, gateway: Here, language: Spoken, *, variant: Variant = 1
) -> Response:
    """Tell which garments are seen in a drawn picture: what an edit may change."""
    return reply(
        request, garments_of(files.seen_in(gateway.context.storage, look, variant), language)
    )


@router.get(
    "/{job_id}/events",
    response_class=EventSourceResponse,
    responses={
        **NOT_FOUND,
        200: {
            "description": "server-sent events `progress`, each a GenerationView; the last one "
            "is final and ends the stream",
            "content": {
                "text/event-stream": {
                    "example": 'event: progress\ndata: {"id": "9c1d…", "state": "running"}\n\n'
                }
            },
        },
    },
)
async def follow_generation(
    look: Look, caller: By, gateway: Here, language: Spoken
) -> AsyncIterator[ServerSentEvent]:
    """Follow a picture's progress until its end, as server-sent events."""
    last = None
    while True:
        view = view_of(look, language)
        if view != last:
            yield ServerSentEvent(event="progress", data=view)
            last = view
        if look.is_final or gateway.leaving.begun:  # followed on at the next gateway
            return
        await anyio.sleep(_POLL_SECONDS)
        look = await to_thread.run_sync(looks.find_look, gateway, caller, view.id)


@router.post(
    "/{job_id}/edits",
    status_code=202,
    response_model=GenerationView,
    responses={**NOT_FOUND, **_TAKEN, 409: problem("the picture is not done")},
)
def change_picture(
    request: Request,
    look: Look,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    body: EditIn,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Change one garment of a picture, or its whole look; the picture itself stays as it is."""
    answer = wishing.edit_of(
        gateway, caller, look, body, language=language, idempotency_key=idempotency_key
    )
    return reply(request, GenerationView.model_validate(answer), status=202)


@router.delete("/{job_id}", status_code=202, response_model=GenerationView, responses=NOT_FOUND)
def cancel_generation(
    request: Request, look: Look, caller: By, gateway: Here, language: Spoken
) -> Response:
    """Call a picture off: it stops at its next step. What has ended stays as it is."""
    looks.call_off(gateway, look)
    return reply(request, _now(gateway, caller, look, language), status=202)


def _now(gateway: Gateway, caller: Caller, look: KnownLook, language: Language) -> GenerationView:
    return view_of(looks.find_look(gateway, caller, look.wish.job_id), language)
