"""Personal colour: from a selfie or six answers, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final, Literal

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from services.gateway.access import By, Caller, Gateway, Here, Spoken
from services.gateway.answers import Asked, IdempotencyKey, hash_of, once
from services.gateway.api.replies import ERRORS, problem, reply
from services.gateway.domain import Language
from services.gateway.people import book
from services.gateway.personal_color.domain import Judgement
from services.gateway.personal_color.photo import from_photo
from services.gateway.personal_color.questions import check_answers, from_answers
from services.gateway.personal_color.views import (
    Answers,
    PersonalColorJudged,
    PersonalColorKnown,
    judged_view,
    known_view,
)
from services.gateway.problems import RefusedError
from shared.faces import open_finder
from shared.imaging import decode
from shared.photo_checks import MAX_BYTES, PhotoError
from shared.quoting import quotable

PATH: Final = "/v1/me/personal-color"
router = APIRouter(prefix=PATH, tags=["me"], responses=ERRORS)

_BODY = {
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
                            "description": "a selfie: JPEG, PNG or WebP, at most 25 MB. "
                            "It is looked at and not kept",
                        }
                    },
                },
                "example": {"file": "selfie.jpg"},
            },
            "application/json": {"schema": Answers.model_json_schema()},
        },
    }
}
Keep = Annotated[
    bool, Query(description="keep the probabilities for recommendations; false: only tell me")
]


@dataclass(frozen=True)
class Told:
    """What a request holds, and what is seen in it."""

    source: Literal["photo", "answers"]
    content: bytes
    judged: Judgement


@router.post(
    "",
    response_model=PersonalColorJudged,
    openapi_extra=_BODY,
    responses={
        413: problem("larger than 25 MB or 40 megapixels"),
        415: problem("neither a JPEG, PNG or WebP photo nor JSON"),
    },
)
async def judge(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    keep: Keep = True,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Judge a selfie or answers. Where nothing can be said, `reason` tells why and what helps.

    The photo is read in memory and never stored; only the four probabilities are.
    """
    told = await _read(request, gateway)
    kept = keep and told.judged.seasons is not None
    request_hash = hash_of(told.content, told.source.encode(), str(keep).encode())
    asked = Asked(caller.key_id, idempotency_key, request_hash)
    effect = partial(_write, caller=caller, told=told, kept=kept, language=language)
    write = partial(once, gateway.database, asked, effect, status=200)
    body, _ = await to_thread.run_sync(write)
    gateway.profiles.drop(caller.key_id)
    return reply(request, PersonalColorJudged.model_validate(body))


@router.get("", response_model=PersonalColorKnown)
def get_known(request: Request, caller: By, gateway: Here, language: Spoken) -> Response:
    """Tell what is known of your personal colour, and the six questions."""
    with gateway.database.reading() as session:
        known = book.seasons_of(session, caller.key_id)
    return reply(request, known_view(known, language))


async def _read(request: Request, gateway: Gateway) -> Told:
    """Judge the request's body, whichever of the two it is."""
    media_type = request.headers.get("content-type", "").lower()
    if media_type.startswith("application/json"):
        return _of_answers(await request.body())
    if not media_type.startswith("multipart/form-data"):
        raise RefusedError(
            415,
            "send a photo as multipart/form-data, or answers as application/json",
            text_ko="사진은 multipart/form-data로, 답은 application/json으로 보내세요",
            reason="neither_photo_nor_answers",
        )
    async with request.form(max_files=1, max_fields=4) as form:
        file = next((part for part in form.values() if isinstance(part, UploadFile)), None)
        if file is None:
            raise RefusedError(
                422,
                "the field `file` is missing; put the photo there",
                text_ko="`file` 필드가 없습니다. 사진을 넣어 주세요",
                reason="file_missing",
            )
        return await to_thread.run_sync(_of_photo, file, limiter=gateway.decoding)


def _of_photo(file: UploadFile) -> Told:
    name = quotable(file.filename or "photo")
    # Read here, where few run at once.
    data = file.file.read()
    if len(data) > MAX_BYTES:
        raise PhotoError(name, "too_large")
    pixels = decode(data, name=name).pixels
    return Told("photo", data, from_photo(pixels, finder=open_finder()))


def _of_answers(body: bytes) -> Told:
    try:
        given = Answers.model_validate_json(body)
    except ValidationError as error:
        raise _refuse("answers") from error
    for name in check_answers(given.answers):
        raise _refuse(f"answers.{quotable(name)}")
    return Told("answers", body, from_answers(given.answers))


def _refuse(where: str) -> RefusedError:
    return RefusedError(
        422,
        f'{where}: send {{"answers": {{"veins": "green", …}}}}; GET {PATH} lists the questions '
        "and choices",
        text_ko=f'{where}: {{"answers": {{"veins": "green", …}}}}처럼 보내세요. 질문과 선택지는 '
        f"GET {PATH}에 있습니다",
        reason="bad_answers",
    )


def _write(
    session: Session, *, caller: Caller, told: Told, kept: bool, language: Language
) -> dict[str, Any]:
    seasons = told.judged.seasons
    if kept and seasons is not None:
        book.remember_seasons(session, caller.key_id, seasons, told.source, datetime.now(UTC))
        session.flush()
    known = book.seasons_of(session, caller.key_id)
    if seasons is not None:
        known[told.source] = seasons
    view = judged_view(told.judged, told.source, known, kept=kept, language=language)
    return view.model_dump(mode="json")
