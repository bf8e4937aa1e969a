"""How often a scheduled source was asked, and what its platform said of how often it may be."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field


class Allowance(BaseModel):
    """What a platform's last answer told of the calls that it lets us make."""

    model_config = ConfigDict(frozen=True)

    limit: int = Field(description="calls in its window")
    remaining: int
    resets_at: datetime | None = Field(description="when all of them are free again")
    told_at: datetime


class Asked(BaseModel):
    """The pages asked for on one day, and the platform's word on it."""

    model_config = ConfigDict(frozen=True)

    on: date | None = None
    """The day, UTC."""
    calls: int = 0
    allowance: Allowance | None = None

    def once_more(self, now: datetime) -> Asked:
        """Return it with one more call at ``now``."""
        calls = self.calls_on(now.date()) + 1
        return self.model_copy(update={"on": now.date(), "calls": calls})

    def told(self, allowance: Allowance | None) -> Asked:
        """Return it with what the platform told; an answer that tells nothing changes nothing."""
        return self.model_copy(update={"allowance": allowance}) if allowance else self

    def calls_on(self, day: date) -> int:
        """Return how many calls there were on a day."""
        return self.calls if self.on == day else 0
