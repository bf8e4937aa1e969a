"""The two families of failure. Anything else that is raised is a bug and fails loudly.

``RetryableError`` means the same work may succeed later (a store is away, a disk is full):
the bus tries again with backoff. ``PermanentError`` means it never will (a truncated photo):
it is recorded with its reason, acknowledged and counted.
"""

from __future__ import annotations


class MapsiError(Exception):
    """One line for a person: what is wrong with which thing, and what to do about it.

    ``text_ko`` says the same in Korean; where it is missing the English text is shown.
    """

    def __init__(self, text: str, *, text_ko: str | None = None, reason: str = "error") -> None:
        super().__init__(text)
        self.text = text
        self.text_ko = text_ko or text
        self.reason = reason

    def in_language(self, language: str) -> str:
        """Return the text in ``language`` (``"ko"`` or ``"en"``)."""
        return self.text_ko if language == "ko" else self.text


class RetryableError(MapsiError):
    """The same work may succeed later."""


class PermanentError(MapsiError):
    """The same work will never succeed."""


class UsageError(MapsiError):
    """The caller asked for something that cannot be: a wrong option, setting or column."""


def family_of(error: Exception) -> str:
    """Return an error's reason; ``"bug"`` for what nobody foresaw."""
    return error.reason if isinstance(error, MapsiError) else "bug"
