"""The page's files: under the hash of them all, so that a browser keeps them for ever."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

from services.gateway.api.replies import has
from services.gateway.packing import packed
from services.gateway.problems import not_found
from services.gateway.web.bundle import bundle

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_FOR_NOW: Final = "public, no-cache"
"""A page of another version asks: it gets what is there, but does not keep it."""


class _Assets(StaticFiles):
    """Files that a browser may keep for an hour."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response


def install(app: FastAPI) -> None:
    """Serve ``/assets``: the page's own files, and Swagger UI's out of its package."""
    swagger = Path(str(files("fastapi_offline") / "static"))
    app.mount("/assets/swagger", _Assets(directory=swagger))

    @app.get("/assets/{tag}/{name:path}", include_in_schema=False)
    async def get_asset(request: Request, tag: str, name: str) -> Response:
        kept = bundle()
        asset = kept.files.get(name)
        if asset is None:
            raise not_found(name, name, reason="unknown_asset", hint="/")
        headers = {
            "ETag": asset.etag,
            "Cache-Control": _FOR_EVER if tag == kept.tag else _FOR_NOW,
        }
        if has(request, asset.etag):
            return Response(status_code=304, headers=headers)
        answer = Response(asset.body, media_type=asset.media_type, headers=headers)
        return packed(request, answer, ready=asset.packed)
