"""The deletion topic: orders to delete, and photos that are to be forgotten."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.message import MAX_PHOTOS, Message, PhotoId


class DeletionRequested(Message):
    """From the gateway, and from ingestion's own steps and clock, to ingestion.

    The order itself is a row of ``deletions``; this says that it waits.
    """

    schema_id: ClassVar[str] = "deletions.requested/1"
    deletion_id: str = Field(pattern="^[0-9a-f]{32}$")


class PhotosWithdrawn(Message):
    """From ingestion to trends: photos that are deleted, or stand under another post or look now.

    Which of both, and whether it is true, trends reads in the tables.
    """

    schema_id: ClassVar[str] = "photos.withdrawn/1"
    photo_ids: Annotated[tuple[PhotoId, ...], Field(min_length=1, max_length=MAX_PHOTOS)]
