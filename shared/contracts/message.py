"""The base of every message, and its form on the wire."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

MAX_PHOTOS = 32
"""Photos a message at most: one message a photo and stage costs 24 times more."""

PhotoId = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the photo")]


class Contract(BaseModel):
    """Frozen, and strict about fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(Contract):
    """What travels between services: keys and small facts, never pixels.

    ``schema_id`` is its name and version on the wire. A new optional field keeps the version;
    anything else is a new version, and both are handled for one release.
    """

    schema_id: ClassVar[str]

    def body(self) -> dict[str, Any]:
        """Return the JSON form."""
        return self.model_dump(mode="json")

    def affected_photos(self) -> tuple[str, ...]:
        """Return the photos that stand still if the message is lost: whom a failure is about.

        None for a message about something else, and for a failure: no failure of a failure.
        """
        return ()


class ModelRef(Contract):
    """Which model made a result."""

    name: str
    version: str
    sha256: str

    @property
    def mark(self) -> str:
        """Version and hash as the ledger keeps them: equal only for the very same model."""
        return f"{self.version} {self.sha256[:12]}"
