"""The failure topic: what the bus tells ingestion about photos whose task did not end well."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.message import MAX_PHOTOS, Message, PhotoId


class PhotosFailed(Message):
    """From the bus of any worker to ingestion, which keeps the reason beside each photo.

    The photos are not given up: the reconciler tries them again, one by one, and names this
    reason where it must bury one.
    """

    schema_id: ClassVar[str] = "photos.failed/1"
    photo_ids: Annotated[tuple[PhotoId, ...], Field(min_length=1, max_length=MAX_PHOTOS)]
    task: str
    reason: str
