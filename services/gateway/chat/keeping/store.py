"""Conversations in the database: begun, read, gone on with, listed, deleted.

A message is one row more and the conversation's new state, in one transaction that names the
version it was decided on: of two that were, one goes through and the other is decided anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import (
    Connection,
    CursorResult,
    Row,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.gateway.chat.domain import Language
from services.gateway.chat.policy.state import State
from services.gateway.people.book import Lesson, learn_all
from services.gateway.people.learning import Known, Signal
from services.gateway.problems import RefusedError, not_found
from shared.records import Database
from shared.records.conversations import ChatMessage, ChatSession

TITLE: Final = 80
"""Characters of a conversation's title."""

_SESSION: Final = ChatSession.__table__.c
_FIND: Final = select(_SESSION.person_id, _SESSION.title, _SESSION.state, _SESSION.version).where(
    _SESSION.session_id == bindparam("of_session")
)
_GO_ON: Final = (
    update(ChatSession.__table__)  # type: ignore[arg-type]
    .where(
        ChatSession.session_id == bindparam("of_session"),
        ChatSession.version == bindparam("of_version"),
    )
    .values(
        state=bindparam("new_state"),
        version=ChatSession.version + 1,
        title=bindparam("new_title"),
        updated_at=bindparam("now"),
    )
)
_ADD: Final = insert(ChatMessage.__table__)  # type: ignore[arg-type]

Effect = Callable[[Session], None]
"""Something else that a message writes, in the same transaction."""


@dataclass(frozen=True)
class Conversation:
    """Where a conversation stands."""

    session_id: str
    person_id: str
    title: str
    state: State
    version: int
    """Messages so far."""


@dataclass(frozen=True)
class Turn:
    """A message with its answer, decided on a conversation as it was read."""

    before: Conversation
    state: State
    message_id: str
    text: str
    photo_id: str | None
    answer: str
    """JSON."""
    now: datetime
    signals: tuple[Signal, ...] = ()
    """What it tells of the person's tastes."""
    effects: tuple[Effect, ...] = ()

    def after(self) -> Conversation:
        """Return the conversation once the turn is written."""
        before = self.before
        return Conversation(
            before.session_id,
            before.person_id,
            before.title or self.text[:TITLE],
            self.state,
            before.version + 1,
        )


@dataclass(frozen=True)
class Written:
    """A turn that is in the database."""

    known: Sequence[Known] | None
    """What is known of the person by now, where the turn told of tastes."""


def begin(session: Session, person_id: str, language: Language, now: datetime) -> Conversation:
    """Begin a conversation."""
    begun = Conversation(secrets.token_hex(16), person_id, "", State(language=language), 0)
    session.add(
        ChatSession(
            session_id=begun.session_id,
            person_id=person_id,
            title="",
            state=_to_json(begun.state),
            version=0,
            created_at=now,
            updated_at=now,
        )
    )
    return begun


def find(session: Session | Connection, session_id: str, person_id: str) -> Conversation:
    """Return a person's conversation; RefusedError with 404 where it is not theirs."""
    row = session.execute(_FIND, {"of_session": session_id}).one_or_none()
    if row is None or row.person_id != person_id:
        raise unknown_session(session_id)
    state = State.model_validate_json(row.state)
    return Conversation(session_id, row.person_id, row.title, state, row.version)


def unknown_session(session_id: str) -> RefusedError:
    """Return the 404 of a conversation that is not there, or somebody else's."""
    return not_found(
        f"conversation {session_id}",
        f"대화 {session_id}",
        reason="unknown_session",
        hint="GET /v1/chat/sessions",
    )


def write_turns(database: Database, turns: Sequence[Turn]) -> list[Written | None]:
    """Write turns of different conversations; None for each whose version does not hold any more.

    All go in one transaction. Where one of them does not fit any more, each goes alone.
    """
    try:
        with database.transaction() as session:
            known = _write(session, turns)
        return [Written(known.get(turn.before.person_id)) for turn in turns]
    except (IntegrityError, _MovedOnError):
        if len(turns) == 1:
            return [None]
    return [written for turn in turns for written in write_turns(database, [turn])]


class _MovedOnError(Exception):
    """A conversation has gone on, or is deleted, since it was read."""


def _write(session: Session, turns: Sequence[Turn]) -> dict[str, list[Known]]:
    # One order for all: two gateways that write the same conversations do not lock each other.
    ordered = sorted(turns, key=lambda turn: turn.before.session_id)
    changed = cast("CursorResult[Any]", session.execute(_GO_ON, [_step(turn) for turn in ordered]))
    if changed.rowcount != len(turns):
        raise _MovedOnError
    session.execute(_ADD, [_row(turn) for turn in ordered])
    lessons = [
        Lesson(turn.before.person_id, turn.signals, turn.now) for turn in ordered if turn.signals
    ]
    known = learn_all(session, lessons) if lessons else {}
    for turn in ordered:
        for effect in turn.effects:
            effect(session)
    return known


def _step(turn: Turn) -> dict[str, Any]:
    return {
        "of_session": turn.before.session_id,
        "of_version": turn.before.version,
        "new_state": _to_json(turn.state),
        "new_title": turn.after().title,
        "now": turn.now,
    }


def _row(turn: Turn) -> dict[str, Any]:
    return {
        "session_id": turn.before.session_id,
        "number": turn.before.version + 1,
        "message_id": turn.message_id,
        "text": turn.text,
        "photo_id": turn.photo_id,
        "answer": turn.answer,
        "created_at": turn.now,
    }


def _to_json(state: State) -> str:
    return state.model_dump_json(exclude_defaults=True)


def list_sessions(
    session: Session, person_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """Return up to ``limit`` conversations of a person, the latest first."""
    at, key = ChatSession.updated_at, ChatSession.session_id
    rows = select(key, ChatSession.title, ChatSession.version, ChatSession.created_at, at)
    rows = rows.where(ChatSession.person_id == person_id)
    if before is not None:
        last, last_id = before
        rows = rows.where(or_(at < last, and_(at == last, key < last_id)))
    return cast(
        "Sequence[Row[Any]]",
        session.execute(rows.order_by(at.desc(), key.desc()).limit(limit)).all(),
    )


def list_messages(
    session: Session, session_id: str, *, after: int, limit: int
) -> Sequence[Row[Any]]:
    """Return up to ``limit`` messages behind the ``after``-th, in their order."""
    rows = select(
        ChatMessage.number, ChatMessage.message_id, ChatMessage.text, ChatMessage.photo_id,
        ChatMessage.answer, ChatMessage.created_at,
    )  # fmt: skip
    rows = rows.where(ChatMessage.session_id == session_id, ChatMessage.number > after)
    return cast(
        "Sequence[Row[Any]]", session.execute(rows.order_by(ChatMessage.number).limit(limit)).all()
    )


def find_answer(session: Session, session_id: str, message_id: str) -> str | None:
    """Return what a message was answered, as JSON."""
    return session.scalar(
        select(ChatMessage.answer).where(
            ChatMessage.session_id == session_id, ChatMessage.message_id == message_id
        )
    )


def delete_conversation(session: Session, session_id: str) -> None:
    """Delete a conversation and its messages."""
    session.execute(delete(ChatSession).where(ChatSession.session_id == session_id))
    session.execute(delete(ChatMessage).where(ChatMessage.session_id == session_id))


def delete_others(session: Session, person_id: str, kept: str) -> None:
    """Delete all of a person's conversations, and what was said in the one that is ``kept``."""
    own = select(ChatSession.session_id).where(ChatSession.person_id == person_id)
    said_now = select(ChatSession.version).where(ChatSession.session_id == kept).scalar_subquery()
    session.execute(
        delete(ChatMessage).where(
            ChatMessage.session_id.in_(own),
            or_(ChatMessage.session_id != kept, ChatMessage.number < said_now),
        )
    )
    session.execute(
        delete(ChatSession).where(
            ChatSession.person_id == person_id, ChatSession.session_id != kept
        )
    )
