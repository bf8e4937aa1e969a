"""Whether all is well: one line a part, with the fix where it is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.gateway.access import Gateway
from services.gateway.domain import Language
from services.gateway.operations.views import AliveView, PartState, PartView
from services.gateway.operations.wording import part_named, say
from services.registry import WORKERS
from shared.presence import Alive, who_lives
from shared.queues import Queues, read_queues
from shared.records.ingestion import Photo
from shared.records.photo_ledger import BURIED, WELL_ENDED
from shared.records.shop_book import feed_state, list_feeds
from shared.records.source_book import list_sources, source_state

LONG_WAIT: Final = 3600.0
"""Seconds after which a queue's next message has waited too long."""
_SPACE: Final = 1e9
Basis = Literal["broker", "database", "storage"]
PARTS: Final[tuple[Basis, ...]] = ("broker", "database", "storage")
"""What each other part needs, in the order in which it is told."""


@dataclass(frozen=True)
class Aside:
    """What the broker tells: who lives, and what waits."""

    alive: tuple[Alive, ...]
    queues: Queues

    def of(self, host: str) -> list[Alive]:
        """Return who handles the messages of ``host``."""
        return [one for one in self.alive if host in one.hosts]


def workers_of(gateway: Gateway) -> list[str]:
    """Return the workers that this installation needs."""
    draws = gateway.context.settings.drawer != "lookbook"
    return [name for name in WORKERS if draws or not name.startswith("generation.")]


def look_aside(gateway: Gateway) -> Aside:
    """Ask the broker; RetryableError where it does not answer."""
    broker = gateway.context.broker
    return Aside(tuple(who_lives(broker)), read_queues(broker))


def check(gateway: Gateway, name: Basis) -> None:
    """Raise MapsiError where a part that the others need does not answer."""
    checks: Mapping[str, Callable[[], object]] = {
        "broker": gateway.context.broker.ping,
        "database": lambda: _ask_database(gateway),
        "storage": gateway.context.storage.check,
    }
    checks[name]()


def basis(gateway: Gateway, name: Basis, language: Language, trouble: str | None) -> PartView:
    """Tell of a part that the others need; ``trouble``: why it does not answer."""
    if trouble is not None:
        found, _, fix = trouble.partition("; ")
        return _part(name, "away", found, fix or say("mend", language))
    free = _free(gateway) if name == "storage" else None
    if free is None:
        return _part(name, "ok", say("answers", language))
    found = say("space", language, free=f"{free / 1e9:.1f}")
    if free < _SPACE:
        return _part(name, "attention", found, say("make_space", language))
    return _part(name, "ok", found)


def workers(gateway: Gateway, aside: Aside | None, language: Language) -> list[PartView]:
    """Tell of each worker and of beat; None: the broker does not answer."""
    if aside is None:
        names = [*(f"worker:{name}" for name in workers_of(gateway)), "beat", "queues"]
        broker = part_named("broker", language)
        return [_part(name, "away", say("unknown", language, part=broker)) for name in names]
    told = [_worker(gateway, aside, name, language) for name in workers_of(gateway)]
    return [*told, _beat(aside.of("beat"), language), _queues(aside, language)]


def contents(session: Session, language: Language) -> list[PartView]:
    """Tell of the photos, sources and feeds."""
    now = datetime.now(UTC)
    buried = session.scalar(select(func.count()).select_from(Photo).where(BURIED, ~WELL_ENDED)) or 0
    photos = (
        _part("photos", "attention", say("buried", language, count=buried), say("dig_up", language))
        if buried
        else _part("photos", "ok", say("no_trouble", language))
    )
    sources = {one.name: source_state(one, now=now) for one in list_sources(session)}
    stopped = {one.name for one in list_sources(session) if one.pause_reason == "token"}
    feeds = {one.name: feed_state(one, now=now) for one in list_feeds(session)}
    bad = [name for name, state in sources.items() if state == "failing" or name in stopped]
    bad_feeds = [name for name, state in feeds.items() if state == "failing"]
    return [
        photos,
        _readings("sources", len(sources), bad, language),
        _readings("feeds", len(feeds), bad_feeds, language),
    ]


def contents_unknown(language: Language) -> list[PartView]:
    """Tell that nothing is known of them while the database does not answer."""
    database = part_named("database", language)
    found = say("unknown", language, part=database)
    return [_part(name, "away", found) for name in ("photos", "sources", "feeds")]


def _part(name: str, state: PartState, found: str, fix: str = "") -> PartView:
    return PartView(name=name, state=state, found=found, fix=fix)


def _worker(gateway: Gateway, aside: Aside, name: str, language: Language) -> PartView:
    alive = aside.of(name)
    views = [AliveView.model_validate(one, from_attributes=True) for one in alive]
    part = f"worker:{name}"
    if not alive:
        waiting = next((one.waiting for one in aside.queues.queues if one.name == name), 0)
        found = say("none_lives", language, waiting=f"{waiting:,}")
        file = gateway.context.settings.data_dir.resolve() / "logs" / f"{name}.log"
        log = f"`{file}`" if file.exists() else say("its_log", language)
        return _part(part, "away", found, say("start", language, worker=name, log=log))
    now = datetime.now(UTC)
    busy = [(_seconds(one, now), one.task) for one in alive if one.task_since is not None]
    seconds, task = max(busy, default=(0.0, None), key=lambda one: one[0])
    if seconds > gateway.context.settings.visibility_timeout:
        found = say("busy", language, minutes=int(seconds // 60), task=task)
        told = _part(part, "attention", found, say("restart", language))
    else:
        told = _part(part, "ok", say("lives", language, count=len(alive)))
    return told.model_copy(update={"alive": views})


def _beat(alive: Sequence[Alive], language: Language) -> PartView:
    if not alive:
        return _part("beat", "away", say("no_beat", language), say("start_beat", language))
    if len(alive) > 1:
        found = say("two_beats", language, count=len(alive))
        told = _part("beat", "attention", found, say("one_beat", language))
    else:
        told = _part("beat", "ok", say("lives", language, count=1))
    views = [AliveView.model_validate(one, from_attributes=True) for one in alive]
    return told.model_copy(update={"alive": views})


def _queues(aside: Aside, language: Language) -> PartView:
    now = datetime.now(UTC)
    waiting = sum(one.waiting for one in aside.queues.queues)
    slow = max(aside.queues.queues, key=lambda one: one.oldest_seconds(now))
    if slow.oldest_seconds(now) > LONG_WAIT:
        found = say(
            "waits_long",
            language,
            queue=slow.name,
            count=f"{slow.waiting:,}",
            minutes=int(slow.oldest_seconds(now) // 60),
        )
        fix = say("more_workers", language, queue=slow.name)
        return _part("queues", "attention", found, fix)
    if not waiting:
        return _part("queues", "ok", say("nothing_waits", language))
    return _part("queues", "ok", say("waits", language, count=f"{waiting:,}"))


def _readings(name: str, known: int, bad: Sequence[str], language: Language) -> PartView:
    if bad:
        found = say("trouble", language, count=len(bad), all=known, names=", ".join(bad[:5]))
        return _part(name, "attention", found, say("see_below", language))
    found = say("all_read", language, count=known) if known else say("no_sources", language)
    return _part(name, "ok", found)


def _seconds(alive: Alive, now: datetime) -> float:
    return (now - alive.task_since).total_seconds() if alive.task_since else 0.0


def _ask_database(gateway: Gateway) -> None:
    with gateway.database.reading() as session:
        session.execute(text("SELECT 1 FROM api_keys LIMIT 1"))


def _free(gateway: Gateway) -> int | None:
    """Return the bytes left where the store is a folder; None elsewhere."""
    parts = urlsplit(gateway.context.settings.storage)
    if parts.scheme != "file":
        return None
    try:
        return shutil.disk_usage(Path(unquote(parts.path))).free
    except OSError:
        return None


def no_answer(language: Language) -> str:
    """Return what is told of a part that lets us wait."""
    return say("no_answer", language)
