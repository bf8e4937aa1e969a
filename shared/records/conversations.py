"""The gateway's tables of the chat: conversations and their messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base


class ChatSession(Base):
    """One conversation, and where it stands."""

    __tablename__ = "chat_sessions"

    session_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(32), doc="id of an API key")
    title: Mapped[str] = mapped_column(String(80), doc="how its first message begins")
    state: Mapped[str] = mapped_column(Text, doc="JSON of what the dialogue goes on from")
    version: Mapped[int] = mapped_column(
        Integer, doc="messages so far; who writes names the version that was read"
    )
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (Index("ix_chat_sessions_person_id_updated_at", "person_id", "updated_at"),)


class ChatMessage(Base):
    """What a person wrote, and what it was answered."""

    __tablename__ = "chat_messages"

    session_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, doc="from 1, without holes")
    message_id: Mapped[str] = mapped_column(String(32), unique=True)
    text: Mapped[str] = mapped_column(Text)
    photo_id: Mapped[str | None] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(Text, doc="JSON, as it was sent")
    created_at: Mapped[datetime]
