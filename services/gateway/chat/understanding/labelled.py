"""Labelled sentences: what `mapsi evaluate chat` compares with what the reader says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from services.gateway.chat.domain import Intent, Language, Period
from services.gateway.chat.understanding.period import periods_in
from shared.errors import UsageError


class Labelled(BaseModel):
    """One line of tests/data/chat/*.jsonl; README.md there says what the labels mean."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    language: Language
    text: str
    asked: str | None = None
    look: bool = False
    intent: Intent
    slots: dict[str, str | int | list[str]] = Field(default_factory=dict)
    period: Annotated[tuple[str, ...], Field(default=())]

    @field_validator("period", mode="before")
    @classmethod
    def _as_list(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    def pairs(self) -> set[tuple[str, str]]:
        """Return the (slot, value) pairs that should be found."""
        return pairs_of(self.slots)

    def periods(self, today: date) -> set[Period]:
        """Return the periods that its label names, as seen from `today`."""
        found: set[Period] = set()
        for name in self.period:
            found |= {period for period in periods_in(name.replace("_", " "), today) if period}
        return found


def pairs_of(slots: dict[str, str | int | list[str]]) -> set[tuple[str, str]]:
    """Return slots in their wire form as (slot, value) pairs."""
    return {
        (slot, str(value))
        for slot, values in slots.items()
        for value in (values if isinstance(values, list) else [values])
    }


def read_labelled(files: Iterable[Path]) -> list[Labelled]:
    """Return the sentences of JSON-lines `files`. Raises UsageError, naming file and line."""
    found = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                found.append(Labelled.model_validate(json.loads(line)))
            except (ValueError, ValidationError) as error:
                what = " ".join(str(error).split())
                raise UsageError(
                    f"{file}:{number}: no labelled sentence ({what})",
                    text_ko=f"{file}:{number}: 라벨이 있는 문장이 아닙니다 ({what})",
                    reason="bad_sentences",
                ) from error
    return found
