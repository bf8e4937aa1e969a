"""Which looks are asked for, and where a page of them goes on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from services.gateway.domain import from_cursor, to_cursor
from shared.contracts.vocabulary import FAMILIES
from shared.errors import UsageError
from shared.records.trend_evidence import EvidenceQuery
from shared.records.trend_queries import monday

COUNTED: int = 1000
"""So many looks are counted; more are told as this many."""


@dataclass(frozen=True)
class Wanted:
    """What a look shall have; what is None is not asked for. One garment has all of the first."""

    item: str | None = None
    """A category or a family."""
    color: str | None = None
    pattern: str | None = None
    style: str | None = None
    source: str | None = None
    weeks: int = 52
    week: date | None = None
    """A day of the one week that is asked for, instead of ``weeks``."""
    uploads_of: str | None = None
    """The key that asks: others' uploads are not for it. None: an admin asks."""

    @property
    def items(self) -> tuple[str, ...] | None:
        """The categories that fit; None: all."""
        return None if self.item is None else FAMILIES.get(self.item, (self.item,))

    def since(self, today: date) -> date:
        """Return the Monday of the first week."""
        return monday(self.week) if self.week else monday(today) - timedelta(weeks=self.weeks - 1)

    def until(self, today: date) -> date:
        """Return the Monday of the last week."""
        return monday(self.week or today)

    @property
    def is_anything(self) -> bool:
        """Every look of the time fits, whoever asks."""
        return not any(
            (self.item, self.color, self.pattern, self.style, self.source, self.uploads_of)
        )

    def evidence(self, first: date, last: date) -> EvidenceQuery:
        """Return the question for the photos of some weeks."""
        return EvidenceQuery(
            first=first, last=last, item=self.item, color=self.color, pattern=self.pattern,
            style=self.style, source=self.source, uploads_of=self.uploads_of,
        )  # fmt: skip


def place_to(week: date, photo_id: str) -> str:
    """Return the cursor behind a photo."""
    return to_cursor("street", week.isoformat(), photo_id)


def place_of(cursor: str | None) -> tuple[date, str] | None:
    """Return the week and photo that a cursor names; UsageError where it is none of ours."""
    if cursor is None:
        return None
    kind, week, photo_id = from_cursor(cursor, str, str, str)
    try:
        if kind != "street":
            raise ValueError(kind)
        return date.fromisoformat(str(week)), str(photo_id)
    except ValueError as error:
        raise bad_cursor() from error


def bad_cursor() -> UsageError:
    """Return the refusal of a cursor that belongs to another list."""
    return UsageError(
        "the cursor is not one of this list; take it from `next` of the page before",
        text_ko="이 목록의 커서가 아닙니다. 앞 페이지의 `next` 값을 쓰세요",
        reason="bad_cursor",
    )
