"""What the gateway decides without asking anyone: states, languages, cursors. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from typing import Final, Literal

from shared.contracts.generation import JobState
from shared.errors import UsageError

Language = Literal["ko", "en"]
PhotoState = Literal["received", "pending", "analyzed", "not_fashion", "failed", "buried"]

FINAL_JOB_STATES: Final = frozenset({"done", "failed", "cancelled"})


def photo_state(*, arrived: bool, outcome: str | None, buried: bool) -> PhotoState:
    """Return the state of a photo from what ingestion and trends wrote about it.

    received: the gateway has it; pending: ingestion has it and the models are at work; then
    analyzed, not_fashion or failed; buried: given up after several tries, until ``mapsi retry``.
    """
    if outcome == "analyzed":
        return "analyzed"
    if outcome == "not_fashion":
        return "not_fashion"
    if outcome is not None:
        return "failed"
    if buried:
        return "buried"
    return "pending" if arrived else "received"


def job_state(recorded: str | None) -> JobState:
    """Return a job's state; nothing recorded yet: queued."""
    states: dict[str, JobState] = {
        "running": "running",
        "done": "done",
        "failed": "failed",
        "cancelled": "cancelled",
    }
    return states.get(recorded or "", "queued")


def negotiate(accept_language: str | None, default: Language) -> Language:
    """Return the language a client likes best (RFC 9110, 12.5.4); neither named: ``default``."""
    best, liked = default, 0.0
    for part in (accept_language or "").split(","):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if weight <= liked:
            continue
        if primary == "*":
            best, liked = default, weight
        elif primary in ("ko", "en"):
            best, liked = ("ko" if primary == "ko" else "en"), weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0


Part = str | int | datetime


def to_cursor(*position: Part) -> str:
    """Return an opaque cursor of the last item's place in the order."""
    parts = [part.isoformat() if isinstance(part, datetime) else part for part in position]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_cursor(cursor: str, *kinds: type[Part]) -> list[Part]:
    """Return the place of a cursor whose parts are of ``kinds``; UsageError if it is not one."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return [_part(part, kind) for part, kind in zip(parts, kinds, strict=True)]
    except (ValueError, TypeError) as error:
        raise UsageError(
            "the cursor is not one of ours; take it from `next` of the page before",
            text_ko="올바른 커서가 아닙니다. 앞 페이지의 `next` 값을 쓰세요",
            reason="bad_cursor",
        ) from error


def _part(part: Part, kind: type[Part]) -> Part:
    if kind is datetime:
        moment = datetime.fromisoformat(str(part))
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return moment
    if type(part) is not kind:
        raise TypeError(f"{part!r} is no {kind}")
    return part


def etag_of(body: bytes) -> str:
    """Return the strong entity tag of a body."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def etag_matches(header: str | None, etag: str) -> bool:
    """Tell whether If-None-Match names ``etag`` (RFC 9110, 13.1.2; weak comparison)."""
    if header is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags
