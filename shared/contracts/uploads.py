"""The upload topic: bytes a client sent, waiting in the object store for ingestion."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, Field

from shared.contracts.message import Message, PhotoId


class PhotoUploaded(Message):
    """From the gateway to ingestion; the gateway has decoded the photo and knows its id."""

    schema_id: ClassVar[str] = "uploads.received/1"
    photo_id: PhotoId
    key: str = Field(description="where the object store keeps the bytes as they came")
    name: str = Field(description="the client's file name, for messages only")
    posted_at: AwareDatetime
    author: str | None = Field(default=None, description="the client's API key id")
