"""The processes, by their signs of life: is each there, and are they of one mind?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from services.checkup import Finding
from services.cluster_checkup.clocks import clock
from services.cluster_checkup.finding import Said, unwell, well
from services.registry import WORKERS
from shared.broker import Broker
from shared.presence import Alive, clocks, who_lives
from shared.queues import Queue, read_queues
from shared.settings import Settings

_LONG_WAIT: Final = 3600.0
"""Seconds."""


def look_at_processes(settings: Settings, broker: Broker) -> Iterator[Finding]:
    """Yield how the processes are; RetryableError where the broker does not answer."""
    alive, queues = who_lives(broker), read_queues(broker).queues
    draws = settings.drawer != "lookbook"
    for queue in queues:
        if draws or not queue.name.startswith("generation."):
            yield _queue(queue, [one for one in alive if queue.name in one.hosts])
    yield _alone("beat", [one for one in alive if "beat" in one.hosts])
    yield _gateway([one for one in alive if "gateway" in one.hosts])
    if alive:
        yield _versions(alive)
        yield from _alike(alive)
    skew = clocks(broker)
    if skew:
        worst = max(skew, key=lambda name: abs(skew[name]))
        yield clock(worst, skew[worst])


def _queue(queue: Queue, alive: Sequence[Alive]) -> Finding:
    name = f"queue:{queue.name}"
    seconds = queue.oldest_seconds(datetime.now(UTC))
    found = Said(
        f"{len(alive)} workers, {queue.waiting} messages wait",
        f"작업자 {len(alive)}개, 대기 {queue.waiting}개",
    )
    fix = f"mapsi worker {queue.name}"
    if not alive and queue.name in WORKERS:
        return unwell(name, found, Said(fix, fix))
    if seconds > _LONG_WAIT:
        long = Said(
            f"{found.en}, for {seconds / 60:.0f} minutes", f"{found.ko}, {seconds / 60:.0f}분째"
        )
        more = Said(f"one more: {fix}", f"하나 더: {fix}")
        return unwell(name, long, more, required=False)
    return well(name, found)


def _alone(name: str, alive: Sequence[Alive]) -> Finding:
    names = ", ".join(one.name for one in alive)
    if len(alive) == 1:
        return well(name, Said(names, names))
    if not alive:
        return unwell(name, Said("none lives", "없음"), Said("mapsi beat", "mapsi beat"))
    fix = Said("stop all but one", "하나만 남기고 멈추세요")
    return unwell(name, Said(f"{len(alive)}: {names}", f"{len(alive)}개: {names}"), fix)


def _gateway(alive: Sequence[Alive]) -> Finding:
    if not alive:
        fix = "mapsi gateway --host 0.0.0.0"
        return unwell("gateway", Said("none lives", "없음"), Said(fix, fix))
    return well("gateway", Said(f"{len(alive)} live", f"{len(alive)}개"))


def _versions(alive: Sequence[Alive]) -> Finding:
    found = _grouped({one.name: one.version or "?" for one in alive})
    if len(found) <= 1:
        number = next(iter(found))
        return well("version", Said(f"{number} everywhere", f"모두 {number}"))
    told = _listed(found)
    fix = Said("finish the upgrade: restart these", "업그레이드를 마치세요: 다시 시작하세요")
    return unwell("version", Said(told, told), fix, required=False)


def _alike(alive: Sequence[Alive]) -> Iterator[Finding]:
    """Yield one finding for each thing that differs, or one for all."""
    names = sorted({name for one in alive for name in one.alike})
    differing = 0
    for name in names:
        found = _grouped({one.name: one.alike[name] for one in alive if name in one.alike})
        if len(found) > 1:
            differing += 1
            told = _listed(found)
            fix = Said(
                f"set {name} alike everywhere, and restart",
                f"{name}: 모든 곳에서 같게 정하고 다시 시작하세요",
            )
            yield unwell(f"alike:{name}", Said(told, told), fix)
    if not differing:
        count = len(names)
        said = Said(f"{count} settings and models", f"설정과 모델 {count}가지")
        yield well("alike", said)


def _grouped(told: dict[str, str]) -> dict[str, list[str]]:
    """Return who tells what."""
    by_value = defaultdict(list)
    for name, value in sorted(told.items()):
        by_value[value].append(name)
    return by_value


def _listed(found: dict[str, list[str]]) -> str:
    return "; ".join(f"{value}: {', '.join(names)}" for value, names in found.items())
