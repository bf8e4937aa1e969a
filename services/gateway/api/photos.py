"""Photos: send one, and see what was found in it."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import UploadFile

from services.gateway import photo_records, uploads
from services.gateway.access import By, Caller, Gateway, Here, Spoken
from services.gateway.answers import IdempotencyKey
from services.gateway.api.replies import (
    ERRORS,
    JPEG,
    NOT_FOUND,
    PICTURE,
    Cursor,
    Lang,
    PageSize,
    has,
    picture,
    problem,
    reply,
    unchanged,
)
from services.gateway.domain import Language, PhotoState, etag_of
from services.gateway.photo_records import KnownPhoto, analysis_of, photo_place
from services.gateway.photo_views import analysis_view, photo_summary
from services.gateway.problems import RefusedError, not_found
from services.gateway.showing import (
    Look,
    credit_line,
    look_of,
    pixels_for,
    posts_of,
    with_credit,
)
from services.gateway.views import PhotoAccepted, PhotoDetail, PhotoPage, PostView
from shared.imaging import thumbnail
from shared.overlay import draw_overlay

router = APIRouter(prefix="/v1/photos", tags=["photos"], responses=ERRORS)
PhotoIdPath = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file")]

_UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "JPEG, PNG or WebP, at most 25 MB and 40 megapixels",
                        },
                        "posted_at": {
                            "type": "string",
                            "format": "date-time",
                            "description": "when the look was worn or posted; unset: now",
                        },
                    },
                },
                "example": {"file": "look.jpg", "posted_at": "2026-03-01T18:00:00+09:00"},
            }
        },
    }
}


@router.post(
    "",
    status_code=202,
    response_model=PhotoAccepted,
    openapi_extra=_UPLOAD_BODY,
    responses={
        410: problem("this photo was deleted on request"),
        413: problem("larger than 25 MB or 40 megapixels"),
        415: problem("not a JPEG, PNG or WebP photo"),
    },
)
async def send_photo(
    request: Request, caller: By, gateway: Here, idempotency_key: IdempotencyKey = None
) -> Response:
    """Take a photo in; its analysis follows. The same photo again keeps its id."""
    media_type = request.headers.get("content-type", "")
    if not media_type.lower().startswith("multipart/form-data"):
        raise RefusedError(
            415,
            "send the photo as multipart/form-data with the field `file`",
            text_ko="사진을 multipart/form-data의 `file` 필드로 보내세요",
            reason="not_multipart",
        )
    # The form is read here and not by the framework: after the key has been checked.
    async with request.form(max_files=1, max_fields=4) as form:
        file, posted_at = form.get("file"), form.get("posted_at")
        if not isinstance(file, UploadFile):
            raise RefusedError(
                422,
                "the field `file` is missing; put the photo there",
                text_ko="`file` 필드가 없습니다. 사진을 넣어 주세요",
                reason="file_missing",
            )
        accept = partial(
            _accept,
            gateway,
            caller,
            file=file,
            posted_at=posted_at,
            idempotency_key=idempotency_key,
        )
        body = await to_thread.run_sync(accept, limiter=gateway.decoding)
    return reply(request, PhotoAccepted.model_validate(body), status=202)


@router.get("", response_model=PhotoPage)
def list_photos(
    request: Request,
    caller: By,
    gateway: Here,
    *,
    state: Annotated[PhotoState | None, Query(description="only these")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Response:
    """List photos, latest first: a user's own uploads, all photos for an admin."""
    before = photo_place(cursor) if cursor is not None else None
    with gateway.database.reading() as session:
        known = photo_records.list_photos(
            session, caller, state=state, before=before, limit=limit + 1
        )
        posts = posts_of(session, [photo.photo_id for photo in known[:limit]])
    following = known[limit - 1] if len(known) > limit else None
    page = PhotoPage(
        photos=[photo_summary(photo, posts.get(photo.photo_id, ())) for photo in known[:limit]],
        next=following.cursor if following else None,
    )
    return reply(request, page)


@router.get("/{photo_id}", response_model=PhotoDetail, responses=NOT_FOUND)
def get_photo(
    request: Request, photo_id: PhotoIdPath, caller: By, gateway: Here, language: Spoken
) -> Response:
    """Tell how far a photo is, and what was seen in it."""
    known, posts = _find(gateway, caller, photo_id)
    analysis = None
    if known.state == "analyzed":
        analysis = analysis_view(analysis_of(gateway.context.storage, known), language)
    return reply(
        request, PhotoDetail(**photo_summary(known, posts).model_dump(), analysis=analysis)
    )


@router.get("/{photo_id}/overlay.png", response_class=Response, responses={**NOT_FOUND, **PICTURE})
async def get_overlay(
    request: Request,
    photo_id: PhotoIdPath,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    lang: Lang = None,
) -> Response:
    """Show the photo with its garments, their names and colours drawn on it.

    Faces are hidden from everyone but its uploader; source and licence stand below.
    """
    known, posts = await to_thread.run_sync(_find, gateway, caller, photo_id)
    if known.photo is None or known.state != "analyzed":
        raise not_found(
            f"overlay of {photo_id} (the photo is {known.state})",
            f"{photo_id}의 오버레이 (상태: {known.state})",
            reason="no_overlay",
            hint=f"GET /v1/photos/{photo_id}",
        )
    spoken: Language = "ko" if (lang or language) == "ko" else "en"
    look, line = look_of(gateway, caller, photo_id), credit_line(posts, spoken)
    key = known.settlement and known.settlement.analysis_key
    etag = etag_of(f"{key} {spoken} {look.tag} {line}".encode())
    if has(request, etag):
        return unchanged(etag)
    draw = partial(_draw, gateway, known, look, language=spoken, line=line)
    return picture(await to_thread.run_sync(draw, limiter=gateway.decoding), etag)


@router.get("/{photo_id}/picture.jpg", response_class=Response, responses={**NOT_FOUND, **JPEG})
async def get_picture(
    request: Request,
    photo_id: PhotoIdPath,
    caller: By,
    gateway: Here,
    *,
    side: Annotated[int, Query(ge=64, le=1280, description="pixels of the longer side")] = 640,
) -> Response:
    """Show the photo, upright and at most ``side`` pixels long; show its `posts` beside it.

    Faces are hidden from everyone but its uploader.
    """
    known, _ = await to_thread.run_sync(_find, gateway, caller, photo_id)
    if known.photo is None:
        raise not_found(
            f"picture of {photo_id} (the photo is {known.state})",
            f"{photo_id}의 사진 (상태: {known.state})",
            reason="no_picture",
            hint=f"GET /v1/photos/{photo_id}",
        )
    look = look_of(gateway, caller, photo_id)
    etag = etag_of(f"{photo_id} {known.state} {look.tag} {side}".encode())
    if has(request, etag):
        return unchanged(etag)
    shrink = partial(_shrink, gateway, known, look, side=side)
    data = await to_thread.run_sync(shrink, limiter=gateway.decoding)
    return picture(data, etag, media_type="image/jpeg")


def _accept(
    gateway: Gateway,
    caller: Caller,
    *,
    file: UploadFile,
    posted_at: object,
    idempotency_key: str | None,
) -> dict[str, Any]:
    sent = uploads.Sent(
        name=file.filename or "photo",
        # Read here, where few run at once: until now the photo was on disk.
        data=file.file.read(),
        posted_at=posted_at if isinstance(posted_at, str) else None,
        idempotency_key=idempotency_key,
    )
    return uploads.accept(gateway, caller, sent)


def _find(gateway: Gateway, caller: Caller, photo_id: str) -> tuple[KnownPhoto, list[PostView]]:
    with gateway.database.reading() as session:
        known = photo_records.find_photo(session, photo_id, caller)
        posts = posts_of(session, [photo_id]).get(photo_id, [])
    if known is None:
        raise not_found(
            f"photo {photo_id}", f"사진 {photo_id}", reason="unknown_photo", hint="GET /v1/photos"
        )
    return known, posts


def _draw(
    gateway: Gateway, known: KnownPhoto, look: Look, *, language: Language, line: str
) -> bytes:
    pixels = pixels_for(gateway, known, look)
    garments = analysis_of(gateway.context.storage, known).garments
    out = BytesIO()
    with_credit(draw_overlay(pixels, garments, language=language), line).save(out, "PNG")
    return out.getvalue()


def _shrink(gateway: Gateway, known: KnownPhoto, look: Look, *, side: int) -> bytes:
    return thumbnail(pixels_for(gateway, known, look), max_side=side)
