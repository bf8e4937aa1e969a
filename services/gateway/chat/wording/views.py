"""What the API takes and answers about conversations, as models with their examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.gateway.chat.domain import Language
from services.gateway.chat.wording.cards import Reply
from services.gateway.views import example

LONGEST: Final = 10_000
"""Characters of a message."""

_SESSION_ID: Final = "5f0c1d2e3b4a59687786958473625140"
_MESSAGE_ID: Final = "9c1d5e7f0a2b4c6d8e0f1a3b5c7d9e0f"


def _storable(text: str) -> str:
    """Leave out NUL, which no text column of PostgreSQL holds."""
    return text.replace("\0", "")


class SessionIn(BaseModel):
    """A conversation to begin."""

    language: Language | None = Field(
        default=None,
        description="until the first message tells; unset: Accept-Language",
    )

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"language": "ko"}]})


class PictureIn(BaseModel):
    """The picture that a message is about."""

    job_id: str = Field(pattern="^[0-9a-f]{32}$")
    variant: int = Field(default=1, ge=1, le=4)
    garment: int | None = Field(
        default=None, ge=0, lt=100, description="the one that is meant, as …/garments numbers it"
    )

    model_config = ConfigDict(extra="forbid")


class MessageIn(BaseModel):
    """A message."""

    text: Annotated[str, AfterValidator(_storable)] = Field(min_length=1, max_length=LONGEST)
    photo_id: str | None = Field(
        default=None,
        pattern="^[0-9a-f]{64}$",
        description="a photo of yours that the message is about, from POST /v1/photos",
    )
    picture: PictureIn | None = Field(
        default=None,
        description="a drawn picture of yours that the message is about; unset: the last one of "
        "the conversation",
    )

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "데이트룩 추천해 주세요"}]},
    )


class SessionLinks(BaseModel):
    """Where to go on."""

    self: str
    messages: str


_SESSION: Final[dict[str, Any]] = {
    "id": _SESSION_ID,
    "session_id": _SESSION_ID,
    "title": "데이트룩 추천해 주세요",
    "messages": 1,
    "created_at": "2026-03-02T09:30:00Z",
    "updated_at": "2026-03-02T09:31:00Z",
    "links": {
        "self": f"/v1/chat/sessions/{_SESSION_ID}",
        "messages": f"/v1/chat/sessions/{_SESSION_ID}/messages",
    },
}


class SessionView(BaseModel):
    """A conversation."""

    id: str
    session_id: str = Field(description="the same, under the name that messages give it")
    title: str = Field(description="how its first message begins")
    messages: int = Field(description="how many there are")
    created_at: datetime
    updated_at: datetime
    links: SessionLinks

    model_config = example(_SESSION)


class SessionPage(BaseModel):
    """Conversations, the latest first."""

    sessions: list[SessionView]
    next: str | None

    model_config = example({"sessions": [_SESSION], "next": None})


ANSWER: Final[dict[str, Any]] = {
    "session_id": _SESSION_ID,
    "message_id": _MESSAGE_ID,
    "number": 1,
    "reply": "평소 선호하는 스타일이 무엇인가요? "
    "캐주얼, 페미닌, 미니멀, 모던, 스트릿, 빈티지 중에서 골라 주세요.",
    "language": "ko",
    "intent": "recommend",
    "slots": {"occasion": "date"},
    "known": {"occasion": "date"},
    "period": None,
    "missing": ["style"],
    "question": "style",
    "choices": ["캐주얼", "페미닌", "미니멀", "모던", "스트릿", "빈티지"],
    "cards": [],
    "job_id": None,
    "about": None,
    "understood_by": "rules",
    "created_at": "2026-03-02T09:30:00Z",
}
"""An answer, for the documentation."""


class MessageView(BaseModel):
    """A message and its answer."""

    number: int
    message_id: str
    text: str
    photo_id: str | None
    created_at: datetime
    answer: Reply


class SessionDetail(SessionView):
    """A conversation with a page of its messages, the earliest first."""

    turns: list[MessageView]
    known: dict[str, Any] = Field(description="what it knows of the wish")
    next: str | None

    model_config = example(
        {
            **_SESSION,
            "turns": [
                {
                    "number": 1,
                    "message_id": _MESSAGE_ID,
                    "text": "데이트룩 추천해 주세요",
                    "photo_id": None,
                    "created_at": "2026-03-02T09:30:00Z",
                    "answer": ANSWER,
                }
            ],
            "known": {"occasion": "date"},
            "next": None,
        }
    )
