"""The broker: does it keep what it is given?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.checkup import Finding
from services.cluster_checkup.finding import Said, unwell, well
from shared.broker import Broker

_FULL: Final = 0.8
"""Share of its memory from which on it is said."""


def look_at_broker(broker: Broker) -> Iterator[Finding]:
    """Yield how the broker is; RetryableError where it does not answer."""
    facts = broker.facts()
    server = "Valkey" if "valkey_version" in facts else "Redis"
    number = facts.get("valkey_version") or facts.get("redis_version", "?")
    waiting = sum(broker.queue_lengths().values())
    said = Said(f"{server} {number}, {waiting} messages", f"{server} {number}, 메시지 {waiting}개")
    yield well("broker", said)
    yield _eviction(facts)
    yield _memory(facts)
    yield _disk(facts)


def _eviction(facts: dict[str, str]) -> Finding:
    policy = facts.get("maxmemory_policy", "?")
    if policy == "noeviction":
        return well("broker eviction", Said("noeviction", "noeviction"))
    found = Said(
        f"{policy}: when memory is short it throws messages away",
        f"{policy}: 메모리가 모자라면 메시지를 버립니다",
    )
    fix = "valkey-cli CONFIG SET maxmemory-policy noeviction"
    return unwell("broker eviction", found, Said(fix, fix))


def _memory(facts: dict[str, str]) -> Finding:
    used, limit = int(facts.get("used_memory", 0)), int(facts.get("maxmemory", 0))
    megabytes = f"{used / 1e6:.0f} MB"
    if not limit:
        return well("broker memory", Said(f"{megabytes}, no limit", f"{megabytes}, 제한 없음"))
    found = f"{megabytes} / {limit / 1e6:.0f} MB"
    if used < _FULL * limit:
        return well("broker memory", Said(found, found))
    fix = Said("start more workers, or raise maxmemory", "작업자를 늘리거나 maxmemory를 올리세요")
    return unwell("broker memory", Said(found, found), fix)


def _disk(facts: dict[str, str]) -> Finding:
    keeps = facts.get("aof_enabled") == "1"
    last = facts.get("aof_last_write_status" if keeps else "rdb_last_bgsave_status", "ok")
    if last != "ok":
        found = Said(f"the last write to disk: {last}", f"마지막 디스크 쓰기: {last}")
        fix = Said("make room on its disk; see its log", "디스크 공간을 확보하고 로그를 보세요")
        return unwell("broker disk", found, fix)
    if keeps:
        return well("broker disk", Said("append-only file", "추가 전용 파일(AOF)"))
    found = Said(
        "no append-only file: a restart loses what was queued since the last snapshot; photos are "
        "announced anew, but late",
        "추가 전용 파일(AOF)이 없어 재시작하면 마지막 스냅숏 이후의 대기열을 잃습니다. "
        "사진은 나중에 다시 알려집니다",
    )
    fix = "valkey-cli CONFIG SET appendonly yes"
    return unwell("broker disk", found, Said(fix, fix), required=False)
