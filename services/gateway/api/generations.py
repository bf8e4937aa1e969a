"""Generations: wish for a picture, follow it, fetch it, call it off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Final

import anyio
from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.gateway import looks
from services.gateway.access import By, Here, Spoken
from services.gateway.answers import IdempotencyKey
from services.gateway.api.replies import (
    ERRORS,
    NOT_FOUND,
    PICTURE,
    has,
    picture,
    reply,
    unchanged,
)
from services.gateway.domain import etag_of
from services.gateway.job_views import GenerationIn, GenerationView
from services.gateway.looks import KnownLook
from services.gateway.problems import not_found

router = APIRouter(prefix="/v1/generations", tags=["generations"], responses=ERRORS)
_POLL_SECONDS: Final = 0.5


def _look(
    job_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")], caller: By, gateway: Here
) -> KnownLook:
    return looks.find_look(gateway, caller, job_id)


Look = Annotated[KnownLook, Depends(_look)]


@router.post("", status_code=202, response_model=GenerationView)
def wish_for_picture(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    body: GenerationIn,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Wish for a picture of garments from analysed photos; it is drawn by and by."""
    answer = looks.wish_for(
        gateway, caller, body, language=language, idempotency_key=idempotency_key
    )
    return reply(request, GenerationView.model_validate(answer), status=202)


@router.get("/{job_id}", response_model=GenerationView, responses=NOT_FOUND)
def get_generation(request: Request, look: Look) -> Response:
    """Tell how far a picture is. done, failed and cancelled are final."""
    return reply(request, look.view())


@router.get("/{job_id}/picture.png", response_class=Response, responses={**NOT_FOUND, **PICTURE})
def get_picture(request: Request, look: Look, gateway: Here) -> Response:
    """Fetch the picture, once it is done."""
    view = look.view()
    if look.job is None or view.state != "done" or look.job.result_key is None:
        raise not_found(
            f"picture yet: it is {view.state}",
            f"아직 그림이 없습니다 (상태: {view.state})",
            reason="no_picture",
            hint=view.links.self,
        )
    etag = etag_of(look.job.result_key.encode())
    if has(request, etag):
        return unchanged(etag)
    return picture(gateway.context.storage.get(look.job.result_key), etag)


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
    look: Look, caller: By, gateway: Here
) -> AsyncIterator[ServerSentEvent]:
    """Follow a picture's progress until its end, as server-sent events."""
    last = None
    while True:
        view = look.view()
        if view != last:
            yield ServerSentEvent(event="progress", data=view)
            last = view
        if look.is_final:
            return
        await anyio.sleep(_POLL_SECONDS)
        look = await to_thread.run_sync(looks.find_look, gateway, caller, view.id)


@router.delete("/{job_id}", status_code=202, response_model=GenerationView, responses=NOT_FOUND)
def cancel_generation(request: Request, look: Look, caller: By, gateway: Here) -> Response:
    """Call a picture off: it stops at its next step. What has ended stays as it is."""
    looks.call_off(gateway, look)
    now = looks.find_look(gateway, caller, look.wish.job_id)
    return reply(request, now.view(), status=202)
