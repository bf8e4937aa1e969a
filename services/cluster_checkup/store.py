"""The object store: can it be written, and does it keep what it should, and only that?"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from services.checkup import Finding
from services.cluster_checkup.finding import Said, unwell, well
from shared.backup_mark import last_backup
from shared.errors import MapsiError
from shared.settings import Settings
from shared.storage import ObjectStore, open_storage

_OLD_BACKUP: Final = timedelta(days=2)


def look_at_store(settings: Settings) -> Iterator[Finding]:
    """Yield how the store is; MapsiError where it does not do what it is asked."""
    storage = open_storage(settings)
    storage.check()
    key, data = f"operations/doctor-{secrets.token_hex(8)}.txt", b"mapsi"
    storage.put(key, data, content_type="text/plain")
    try:
        read = storage.get(key)
    finally:
        storage.delete(key)
    if read != data or storage.exists(key):
        found = Said("it does not give back what it took", "저장한 것을 그대로 돌려주지 않습니다")
        yield unwell("storage", found, Said("see its log", "저장소 로그를 보세요"))
        return
    place = settings.storage.partition("?")[0].rpartition("@")
    where = place[2] if not place[1] else f"s3://{place[2]}"
    yield well("storage", Said(f"{where}, written and read", f"{where}, 쓰고 읽음"))
    yield from _bucket(storage)
    yield _backup(storage)


def _bucket(storage: ObjectStore) -> Iterator[Finding]:
    from shared.storage.s3 import S3Store

    if not isinstance(storage, S3Store):
        return
    try:
        habits = storage.habits()
    except MapsiError as error:
        said = Said(f"it does not tell: {error.text}", f"알 수 없음: {error.text_ko}")
        yield well("bucket", said)
        return
    if habits.expires:
        found = Said(
            f"rules delete what is in use: {', '.join(habits.expires)}",
            f"쓰고 있는 것을 지우는 규칙: {', '.join(habits.expires)}",
        )
        fix = Said("remove these lifecycle rules", "이 수명 주기 규칙을 지우세요")
        yield unwell("bucket", found, fix)
    elif habits.versioned and not habits.forgets_versions:
        found = Said(
            "versioned: what is deleted on request stays as an old version",
            "버전 관리 켜짐: 요청에 따라 지운 것이 이전 버전으로 남습니다",
        )
        fix = Said(
            "add a lifecycle rule that expires noncurrent versions",
            "이전 버전을 만료시키는 수명 주기 규칙을 더하세요",
        )
        yield unwell("bucket", found, fix, required=False)
    else:
        word = "versioned" if habits.versioned else "not versioned"
        word_ko = "버전 관리 켜짐" if habits.versioned else "버전 관리 꺼짐"
        yield well("bucket", Said(f"{word}, no rule deletes", f"{word_ko}, 지우는 규칙 없음"))


def _backup(storage: ObjectStore) -> Finding:
    finished = last_backup(storage)
    fix = Said("mapsi backup --to …, every night", "매일 밤 mapsi backup --to …")
    if finished is None:
        return unwell("backup", Said("never", "한 번도 없음"), fix, required=False)
    age = datetime.now(UTC) - finished
    hours = age / timedelta(hours=1)
    found = Said(f"{hours:.0f} hours ago", f"{hours:.0f}시간 전")
    if age > _OLD_BACKUP:
        return unwell("backup", found, fix, required=False)
    return well("backup", found)
