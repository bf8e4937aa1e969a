"""Pictures of one's own taken along: several in one ZIP; and a picture with all its versions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints

from services.gateway.access import By, Here, Spoken
from services.gateway.api.replies import ERRORS, NOT_FOUND, reply
from services.gateway.drawing.files import Form
from services.gateway.drawing.showing import view_of
from services.gateway.gallery.archive import pack, pack_list
from services.gateway.gallery.drawn import find_drawn
from services.gateway.gallery.models import Versions
from services.gateway.gallery.versions import versions_of

router = APIRouter(prefix="/v1/generations", tags=["generations"], responses=ERRORS)
_MOST: Final = 50
_ZIP: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {"application/zip": {"example": "(ZIP)"}},
        "description": "pictures and `manifest.json`",
    },
}
JobId = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]
JobPath = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@router.get("/archive.zip", response_class=Response, responses={**NOT_FOUND, **_ZIP})
def get_archive(
    caller: By,
    gateway: Here,
    *,
    job: Annotated[list[JobId], Query(min_length=1, max_length=_MOST, description="one or more")],
    form: Annotated[Form, Query(description="of the pictures")] = "png",
) -> Response:
    """Download pictures of your own in one ZIP, all variants of each, with `manifest.json`."""
    looks = [find_drawn(gateway, caller, job_id) for job_id in dict.fromkeys(job)]
    listed, now = pack_list(looks, form), datetime.now(UTC)
    return StreamingResponse(
        pack(gateway.context.storage, listed, now=now),
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="mapsi-looks-{now:%Y-%m-%d}.zip"',
            "Cache-Control": "private, no-store",
        },
    )


@router.get("/{job_id}/versions", response_model=Versions, responses=NOT_FOUND)
def get_versions(
    request: Request, job_id: JobPath, caller: By, gateway: Here, language: Spoken
) -> Response:
    """Show a picture with the one it was changed from, and all that were changed from it."""
    known = versions_of(gateway, find_drawn(gateway, caller, job_id))
    return reply(request, Versions(versions=[view_of(one, language) for one in known]))
