"""What ``mapsi sources`` prints, in Korean and English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.ingestion.schedule.quota import LIMIT, REACH, Plan, Planned
from services.ingestion.schedule.walks import Position
from shared.records.source_book import pace_of, source_state, spec_of
from shared.records.sources import ScheduledSource, SourceCursor

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "none": (
        "there is no source; add one: mapsi sources add KIND NAME",
        "출처가 없습니다. 추가하세요: mapsi sources add KIND NAME",
    ),
    "added": ("source {name} is added and due now", "출처 {name}을(를) 추가했습니다. 곧 읽습니다"),
    "paused": ("source {name} is paused", "출처 {name}을(를) 멈췄습니다"),
    "resumed": ("source {name} goes on", "출처 {name}을(를) 다시 시작합니다"),
    "removed": (
        "source {name} is removed; its posts stay",
        "출처 {name}을(를) 지웠습니다. 게시물은 남아 있습니다",
    ),
    "held": (
        "source {name}: another process is at work on it, or died; waiting up to {seconds:.0f} s",
        "출처 {name}: 다른 프로세스가 작업 중이거나 죽었습니다. 최대 {seconds:.0f}초 기다립니다",
    ),
    "active": ("active", "동작"),
    "resting": ("resting", "대기"),
    "failing": ("failing", "오류"),
    "paused_by_person": ("paused", "멈춤"),
    "paused_by_token": ("paused: token", "멈춤: 토큰"),
    "figures": (
        "found {found}, taken {taken}, refused {refused}, videos {videos}, withheld {withheld}",
        "발견 {found}, 수집 {taken}, 거절 {refused}, 동영상 {videos}, 비공개 요청 {withheld}",
    ),
    "next": ("next look {when}", "다음 확인 {when}"),
    "used": (
        "{used} of {limit} hashtags of 7 days are in use",
        "7일 동안 쓸 수 있는 해시태그 {limit}개 중 {used}개 사용 중",
    ),
    "others": (
        ", {others} of them by hashtags that are no longer asked for",
        ", 그중 {others}개는 더 이상 찾지 않는 해시태그",
    ),
    "held_until": ("free to ask until {when}", "{when}까지 제한 없이 조회"),
    "opens": ("gets a slot at the next look", "다음 확인 때 자리를 얻습니다"),
    "waits": ("waits for a slot until {when}", "{when}까지 자리를 기다립니다"),
    "missed": ("; {hours:.0f} h of posts are out of reach", ", {hours:.0f}시간 분량을 놓칩니다"),
    "too_seldom": (
        "looks every {hours:.0f} h, but recent posts reach back 24 h: {missed:.0f} h between two "
        "looks are missed; set every_minutes to 1,200 or less",
        "{hours:.0f}시간마다 확인하지만 최근 게시물은 24시간까지만 보입니다. 사이의 "
        "{missed:.0f}시간을 놓칩니다. every_minutes를 1200 이하로 하세요",
    ),
    "cut": (
        "#{hashtag}: the last look ended after its most pages (MAPSI_INGESTION_SOURCE_PAGES); "
        "older posts are missed",
        "#{hashtag}: 마지막 확인이 최대 페이지(MAPSI_INGESTION_SOURCE_PAGES)에서 끝났습니다. "
        "더 오래된 게시물은 놓칩니다",
    ),
    "unrationed": (
        "no hashtag is rationed; each is looked at every {minutes} min",
        "해시태그 수 제한이 없습니다. {minutes}분마다 모두 확인합니다",
    ),
}  # fmt: skip


def tell(text: str, language: str, **values: object) -> str:
    """Return one of the texts in ``"ko"`` or ``"en"``."""
    english, korean = _TEXTS[text]
    return (korean if language == "ko" else english).format(**values)


def as_lines(source: ScheduledSource, language: str, *, now: datetime) -> Iterator[str]:
    """Yield a source as a person reads it: how it is, its figures, and its trouble."""
    state: str = source_state(source, now=now)
    if state == "paused":
        state = "paused_by_token" if source.pause_reason == "token" else "paused_by_person"
    figures = tell("figures", language, **figures_of(source))
    then = "" if source.paused_at else f"; {tell('next', language, when=_when(source.due_at))}"
    yield f"{source.name} ({source.kind}) {tell(state, language)}: {figures}{then}"
    error = source.error_ko if language == "ko" else source.error
    if error:
        yield f"    → {error}"


def figures_of(source: ScheduledSource) -> dict[str, int]:
    """Return what was found since the source was added, each photo and video once."""
    names = ("found", "taken", "refused", "videos", "withheld")
    return {name: getattr(source, name) for name in names}


def as_dict(source: ScheduledSource, *, now: datetime) -> dict[str, Any]:
    """Return a source as a program reads it."""
    return {
        **spec_of(source).model_dump(mode="json"),
        "state": source_state(source, now=now),
        "pause_reason": source.pause_reason,
        "error": source.error,
        "error_ko": source.error_ko,
        "looked_at": _iso(source.looked_at),
        "due_at": _iso(source.due_at),
        **figures_of(source),
    }


@dataclass(frozen=True)
class Outlook:
    """What a source will see next, and what it will not."""

    source: ScheduledSource
    cursors: Sequence[SourceCursor]
    plan: Plan | None
    """Instagram only."""

    @property
    def cut(self) -> list[str]:
        """Hashtags with more pages than a look may have."""
        return [c.hashtag for c in self.cursors if Position.model_validate(c.position).cut]

    @property
    def missed_between(self) -> timedelta:
        """How much time between two looks is out of reach."""
        pace = pace_of(self.source)
        return max(timedelta(), pace - REACH) if self.plan else timedelta()


def outlook_lines(outlook: Outlook, language: str) -> Iterator[str]:
    """Yield a plan as a person reads it."""
    source, plan = outlook.source, outlook.plan
    if plan is None:
        minutes = int(pace_of(source).total_seconds() // 60)
        yield f"{source.name}: {tell('unrationed', language, minutes=minutes)}"
    else:
        used = tell("used", language, used=plan.used, limit=LIMIT)
        others = tell("others", language, others=plan.others) if plan.others else ""
        yield f"{source.name}: {used}{others}"
        for planned in plan.hashtags:
            yield f"    #{planned.hashtag} ×{planned.weight:g}: {_fate(planned, language)}"
    if outlook.missed_between:
        hours, missed = _hours(pace_of(source)), _hours(outlook.missed_between)
        yield f"    → {tell('too_seldom', language, hours=hours, missed=missed)}"
    for cursor in outlook.cursors:
        if error := cursor.error_ko if language == "ko" else cursor.error:
            yield f"    → {error}"
    for hashtag in outlook.cut:
        yield f"    → {tell('cut', language, hashtag=hashtag)}"


def outlook_dict(outlook: Outlook) -> dict[str, Any]:
    """Return a plan as a program reads it."""
    plan = outlook.plan
    return {
        "name": outlook.source.name,
        "kind": outlook.source.kind,
        "limit": LIMIT if plan else None,
        "used": plan.used if plan else None,
        "used_by_others": plan.others if plan else None,
        "hashtags": [
            {
                "hashtag": planned.hashtag,
                "weight": planned.weight,
                "looked_at": _iso(planned.looked_at),
                "open_until": _iso(planned.open_until),
                "opens": planned.opens,
                "waits_until": _iso(planned.waits_until),
                "missed_hours": round(_hours(planned.missed), 1),
            }
            for planned in (plan.hashtags if plan else ())
        ],
        "missed_hours_between_looks": round(_hours(outlook.missed_between), 1),
        "cut": outlook.cut,
        "errors": {c.hashtag: c.error for c in outlook.cursors if c.error},
    }


def _fate(planned: Planned, language: str) -> str:
    if planned.waits_until is not None:
        fate = tell("waits", language, when=_when(planned.waits_until))
    elif planned.opens:
        fate = tell("opens", language)
    else:
        assert planned.open_until is not None  # noqa: S101 - it has a slot
        fate = tell("held_until", language, when=_when(planned.open_until))
    missed = _hours(planned.missed)
    return fate + (tell("missed", language, hours=missed) if missed >= 1 else "")


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
