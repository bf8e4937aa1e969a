"""Answers that clients may keep, and the errors that every route may give."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.gateway.domain import etag_matches, etag_of
from services.gateway.packing import packed

_REF: Final = {"$ref": "#/components/schemas/Problem"}
CACHE: Final = "private, no-cache"
"""Keep it, but ask each time whether it still holds."""

PageSize = Annotated[int, Query(ge=1, le=200, description="items a page")]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before")]
Lang = Annotated[str | None, Query(pattern="^(ko|en)$", description="unset: Accept-Language")]


def problem(description: str) -> dict[str, Any]:
    """Return how OpenAPI tells of an error."""
    return {"description": description, "content": {"application/problem+json": {"schema": _REF}}}


NO_KEY_NEEDED: Final[dict[int | str, dict[str, Any]]] = {
    429: problem("too many requests; Retry-After says how many seconds to wait"),
    503: problem("the database, the broker or the store is away; try again"),
}
ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    401: problem("no valid API key"),
    422: problem("a value cannot be used; `errors` names each"),
    **NO_KEY_NEEDED,
}
NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {404: problem("not there, or not this key's")}
PICTURE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"image/png": {"example": "(PNG)"}}, "description": "the picture"},
    304: {"description": "unchanged since If-None-Match"},
}


JPEG: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"image/jpeg": {"example": "(JPEG)"}}, "description": "the photo"},
    304: {"description": "unchanged since If-None-Match"},
}


def reply(request: Request, view: BaseModel, *, status: int = 200) -> Response:
    """Return ``view`` as JSON with its entity tag, or 304 where the client has it."""
    body = view.model_dump_json().encode()
    etag = etag_of(body)
    if status == 200 and has(request, etag):
        return unchanged(etag)
    answer = Response(
        body,
        status,
        media_type="application/json",
        headers={"ETag": etag, "Cache-Control": CACHE},
    )
    return packed(request, answer)


def picture(data: bytes, etag: str, *, media_type: str = "image/png") -> Response:
    """Return a picture."""
    return Response(data, media_type=media_type, headers={"ETag": etag, "Cache-Control": CACHE})


def has(request: Request, etag: str) -> bool:
    """Tell whether the client has what ``etag`` names."""
    return etag_matches(request.headers.get("if-none-match"), etag)


def unchanged(etag: str) -> Response:
    """Return 304."""
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": CACHE})
