"""The trend table as a file, for spreadsheets and for notebooks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.gateway.access import By, Here, Spoken
from services.gateway.api.replies import CACHE, ERRORS, Lang, has, unchanged
from services.gateway.api.trends import Asked, read_table
from services.gateway.domain import Language, etag_of
from shared.trend_export import (
    MEDIA_TYPES,
    Format,
    csv_parts,
    file_name,
    write_parquet,
    write_xlsx,
)
from shared.trend_figures import TrendTable

router = APIRouter(prefix="/v1/trends", tags=["trends"], responses=ERRORS)

_IN_MEMORY: Final = 8 * 1024 * 1024
_PIECE: Final = 256 * 1024
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {kind: {"example": "(a file)"} for kind in MEDIA_TYPES.values()},
        "description": "the file",
    },
    304: {"description": "unchanged since If-None-Match"},
}


@router.get("/export", response_class=Response, responses=_FILE)
def export_trends(
    request: Request,
    caller: By,
    gateway: Here,
    spoken: Spoken,
    *,
    query: Asked,
    file_format: Annotated[Format, Query(alias="format")] = "csv",
    lang: Lang = None,
) -> Response:
    """Download the trend table, one line a cell and week; Korean CSV opens in Excel as it is."""
    language: Language = "ko" if (lang or spoken) == "ko" else "en"
    table = read_table(gateway, query)
    etag = etag_of(repr((file_format, language, table)).encode())
    if has(request, etag):
        return unchanged(etag)
    name = file_name(table, file_format)
    return StreamingResponse(
        _parts(table, file_format, language),
        media_type=MEDIA_TYPES[file_format],
        headers={
            "ETag": etag,
            "Cache-Control": CACHE,
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


def _parts(table: TrendTable, file_format: Format, language: Language) -> Iterator[bytes]:
    """Return the file in pieces; what cannot be written is refused before the first one."""
    if file_format == "csv":
        return csv_parts(table, language)
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))
        if file_format == "parquet":
            write_parquet(table, file)
        else:
            write_xlsx(table, file, language)
        file.seek(0)
        stack.pop_all()  # closed after its last piece
    return _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
