"""The chat: conversations, and messages answered at once or as server-sent events."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from pydantic import ValidationError
from sqlalchemy.orm import Session

from services.gateway.access import By, Gateway, Here, Spoken, caller_of
from services.gateway.answers import Asked, IdempotencyKey, hash_of, once
from services.gateway.api.replies import ERRORS, NOT_FOUND, Cursor, PageSize, reply
from services.gateway.chat.conversation import Chat, Message
from services.gateway.chat.keeping import store
from services.gateway.chat.keeping.streaming import events_of
from services.gateway.chat.policy.acts import Pointed
from services.gateway.chat.wording.cards import Reply
from services.gateway.chat.wording.views import (
    ANSWER,
    MessageIn,
    MessageView,
    SessionDetail,
    SessionIn,
    SessionLinks,
    SessionPage,
    SessionView,
)
from services.gateway.domain import Language, from_cursor, to_cursor
from services.gateway.problems import not_found
from shared.records.conversations import ChatSession

router = APIRouter(prefix="/v1/chat/sessions", tags=["chat"], responses=ERRORS)
_EVENTS: Final = "text/event-stream"
_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "the answer; with `Accept: text/event-stream` as the events `understood`, "
        "`delta`, `card` and `done`, the last one with the whole",
        "content": {
            "application/json": {"example": ANSWER},
            _EVENTS: {"example": 'event: delta\ndata: {"text": "코디 "}\n\n'},
        },
    }
}

_MESSAGE: Final[dict[str, Any]] = {
    "parameters": [
        {"name": "session_id", "in": "path", "required": True, "schema": {"type": "string"}},
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "maxLength": 80},
            "description": "Any text of yours; the same one with the same request is answered "
            "alike, without a second effect.",
        },
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": MessageIn.model_json_schema()}},
    },
    "security": [{"HTTPBearer": []}, {"APIKeyHeader": []}],
}
_ID: Final = re.compile("[0-9a-f]{32}")
_LONGEST_KEY: Final = 80

SessionId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
MessageId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
Resumed = Annotated[str | None, Header(alias="Last-Event-ID", max_length=80)]


@router.post("", status_code=201, response_model=SessionView)
def begin_session(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    body: SessionIn | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Begin a conversation."""
    wanted = body or SessionIn()
    request_hash = hash_of(b"chat session", wanted.model_dump_json().encode())
    asked = Asked(caller.key_id, idempotency_key, request_hash)
    now = datetime.now(UTC)
    spoken: Language = wanted.language or language

    def write(session: Session) -> dict[str, object]:
        begun = store.begin(session, caller.key_id, spoken, now)
        return _view(begun.session_id, "", 0, now, now).model_dump(mode="json")

    answer, _ = once(gateway.database, asked, write, status=201)
    return reply(request, SessionView.model_validate(answer), status=201)


@router.get("", response_model=SessionPage)
def get_sessions(
    request: Request, caller: By, gateway: Here, *, cursor: Cursor = None, limit: PageSize = 50
) -> Response:
    """List your conversations, the latest first."""
    before = None
    if cursor is not None:
        at, key = from_cursor(cursor, datetime, str)
        before = (cast("datetime", at), str(key))
    with gateway.database.reading() as session:
        rows = store.list_sessions(session, caller.key_id, before=before, limit=limit + 1)
    following = None
    if len(rows) > limit:
        following = to_cursor(rows[limit - 1].updated_at, rows[limit - 1].session_id)
    views = [
        _view(row.session_id, row.title, row.version, row.created_at, row.updated_at)
        for row in rows[:limit]
    ]
    return reply(request, SessionPage(sessions=views, next=following))


@router.get("/{session_id}", response_model=SessionDetail, responses=NOT_FOUND)
def get_session(
    request: Request,
    session_id: SessionId,
    caller: By,
    gateway: Here,
    *,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Response:
    """Show a conversation and its messages, the earliest first."""
    after = int(str(from_cursor(cursor, int)[0])) if cursor is not None else 0
    with gateway.database.reading() as session:
        known = store.find(session, session_id, caller.key_id)
        row = session.get_one(ChatSession, session_id)
        rows = store.list_messages(session, session_id, after=after, limit=limit + 1)
    view = _view(session_id, known.title, known.version, row.created_at, row.updated_at)
    turns = [
        MessageView(
            number=one.number,
            message_id=one.message_id,
            text=one.text,
            photo_id=one.photo_id,
            created_at=one.created_at,
            answer=Reply.model_validate_json(one.answer),
        )
        for one in rows[:limit]
    ]
    following = to_cursor(rows[limit - 1].number) if len(rows) > limit else None
    detail = SessionDetail(
        **view.model_dump(), turns=turns, known=known.state.known.wire(), next=following
    )
    return reply(request, detail)


@router.delete("/{session_id}", status_code=204, responses=NOT_FOUND)
def delete_session(session_id: SessionId, caller: By, gateway: Here) -> Response:
    """Delete a conversation and its messages; what was learned from it about you stays."""
    with gateway.database.transaction() as session:
        store.find(session, session_id, caller.key_id)
        store.delete_conversation(session, session_id)
    return Response(status_code=204)


@router.post(
    "/{session_id}/messages",
    response_model=Reply,
    responses={**NOT_FOUND, **_STREAM},
    openapi_extra=_MESSAGE,
)
async def send_message(request: Request) -> Response:
    """Say something, and be answered."""
    # The busiest route: FastAPI's solving of dependencies costs more than a turn's own work.
    gateway: Gateway = request.app.state.gateway
    chat: Chat = request.app.state.chat
    caller = await caller_of(request, gateway)
    session_id = request.path_params["session_id"]
    if not _ID.fullmatch(session_id):
        raise store.unknown_session(session_id[:80])
    try:
        said = MessageIn.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(_in_body(error)) from error
    key = _idempotency_key(request)
    request_hash = hash_of(session_id.encode(), said.model_dump_json().encode()) if key else ""
    asked = Asked(caller.key_id, key, request_hash)
    about = Pointed(**said.picture.model_dump()) if said.picture else None
    message = Message(said.text, said.photo_id, about)
    answer = await chat.answer(caller, session_id, message, asked)
    return _answered(request, answer)


def messages_route() -> APIRoute:
    """Return the route of ``send_message``."""
    routes = (route for route in router.routes if isinstance(route, APIRoute))
    return next(route for route in routes if route.endpoint is send_message)


def _in_body(error: ValidationError) -> list[dict[str, Any]]:
    """Return what is wrong with a body, where FastAPI would say it is."""
    return [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= _LONGEST_KEY:
        where = ("header", "Idempotency-Key")
        wrong = {
            "loc": where,
            "type": "string_too_long",
            "msg": "1 to 80 characters",
            "ctx": {"max_length": _LONGEST_KEY},
        }
        raise RequestValidationError([wrong])
    return key


@router.get(
    "/{session_id}/messages/{message_id}",
    response_model=Reply,
    responses={**NOT_FOUND, **_STREAM},
)
def get_message(
    request: Request,
    session_id: SessionId,
    message_id: MessageId,
    caller: By,
    gateway: Here,
    *,
    last_event: Resumed = None,
) -> Response:
    """Show what a message was answered; as events, behind `Last-Event-ID`."""
    with gateway.database.reading() as session:
        store.find(session, session_id, caller.key_id)
        answer = store.find_answer(session, session_id, message_id)
    if answer is None:
        raise not_found(
            f"message {message_id}",
            f"메시지 {message_id}",
            reason="unknown_message",
            hint=f"GET /v1/chat/sessions/{session_id}",
        )
    return _answered(request, answer, after=last_event)


def _answered(request: Request, answer: str, *, after: str | None = None) -> Response:
    if _EVENTS in request.headers.get("accept", ""):
        return StreamingResponse(events_of(answer, after=after), media_type=_EVENTS)
    return Response(answer, media_type="application/json")


def _view(
    session_id: str, title: str, messages: int, created_at: datetime, updated_at: datetime
) -> SessionView:
    path = f"/v1/chat/sessions/{session_id}"
    return SessionView(
        id=session_id,
        session_id=session_id,
        title=title,
        messages=messages,
        created_at=created_at,
        updated_at=updated_at,
        links=SessionLinks(self=path, messages=f"{path}/messages"),
    )
