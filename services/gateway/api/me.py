"""What is known of the person who asks: seen, changed, taken along, erased."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from services.gateway.access import By, Gateway, Here, Spoken
from services.gateway.api.replies import ERRORS, reply
from services.gateway.domain import Language
from services.gateway.people import book
from services.gateway.people.editing import edit
from services.gateway.people.erasing import erase
from services.gateway.people.export import archive, chunks, document
from services.gateway.people.views import PreferencesIn, PreferencesView, preferences_view
from services.gateway.views import example

router = APIRouter(prefix="/v1/me", tags=["me"], responses=ERRORS)


_EXPORT: Final[dict[str, Any]] = {
    "description": "your data, table by table; as a ZIP with your photos and pictures",
    "content": {
        "application/json": {"example": {"note": "…", "exported_at": "…", "preferences": []}},
        "application/zip": {"example": "(ZIP)"},
    },
}


class ErasedView(BaseModel):
    """What was erased, and what goes on being erased."""

    erased: bool = Field(description="nothing of you is left in the gateway; your key is void")
    photos: str = Field(description="the order that deletes your photos, for the operator")

    model_config = example({"erased": True, "photos": "5f0c1d2e3b4a59687786958473625140"})


@router.get("/preferences", response_model=PreferencesView)
def get_preferences(request: Request, caller: By, gateway: Here, language: Spoken) -> Response:
    """Show what is known of you: weight, source and age of each."""
    return reply(request, _view(gateway, caller.key_id, language))


@router.patch("/preferences", response_model=PreferencesView)
def change_preferences(
    request: Request, patch: PreferencesIn, caller: By, gateway: Here, language: Spoken
) -> Response:
    """Change what is known of you, as a JSON merge patch: null forgets."""
    with gateway.database.transaction() as session:
        edit(session, caller.key_id, patch, datetime.now(UTC))
    gateway.profiles.drop(caller.key_id)
    return reply(request, _view(gateway, caller.key_id, language))


@router.delete("/preferences", status_code=204)
def forget_preferences(caller: By, gateway: Here) -> Response:
    """Forget all preferences and the personal colour; photos and conversations stay."""
    with gateway.database.transaction() as session:
        book.forget(session, caller.key_id)
    gateway.profiles.drop(caller.key_id)
    return Response(status_code=204)


@router.get("/export", response_class=Response, responses={200: _EXPORT})
def export_me(
    caller: By,
    gateway: Here,
    *,
    file_format: Annotated[
        Literal["json", "zip"],
        Query(alias="format", description="zip: with your photos and pictures"),
    ] = "json",
) -> Response:
    """Take along all that is kept of you."""
    now = datetime.now(UTC)
    headers = {"Content-Disposition": f'attachment; filename="mapsi-{now:%Y-%m-%d}.{file_format}"'}
    if file_format == "json":
        return JSONResponse(document(gateway, caller.key_id, now=now), headers=headers)
    packed = archive(gateway, caller.key_id, now=now)
    return StreamingResponse(chunks(packed), media_type="application/zip", headers=headers)


@router.delete("", status_code=202, response_model=ErasedView)
def erase_me(caller: By, gateway: Here) -> ErasedView:
    """Erase yourself: conversations, preferences, pictures, photos, and this key.

    Cannot be undone. Photos are deleted with all that was counted of them, shortly after.
    """
    order = erase(gateway, caller.key_id, now=datetime.now(UTC))
    return ErasedView(erased=True, photos=order)


def _view(gateway: Gateway, person_id: str, language: Language) -> PreferencesView:
    now = datetime.now(UTC)
    with gateway.database.reading() as session:
        known = book.known_of(session, person_id)
        seasons = book.seasons_of(session, person_id)
    profile = book.profile_of(known, seasons, now)
    return preferences_view(profile, known, seasons, now=now, language=language)
