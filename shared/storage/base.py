"""What a store of objects promises, whichever adapter is behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Protocol

from shared.errors import PermanentError, RetryableError
from shared.quoting import quotable

_KEY: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._=+-]{0,199}(?:/[A-Za-z0-9][A-Za-z0-9._=+-]{0,199})*"
)
_PREFIX: Final = re.compile(
    r"(?:[A-Za-z0-9][A-Za-z0-9._=+-]{0,199}/)*(?:[A-Za-z0-9][A-Za-z0-9._=+-]{0,199})?"
)
MAX_KEY: Final = 512


class ObjectStore(Protocol):
    """Whole objects by key. ``keys`` names the keys; others may share the store.

    Every method may raise StorageUnavailableError or StorageDeniedError, and InvalidKeyError
    for a key that is no key. A store is safe for threads; open one a process, after forking.
    """

    def put(self, key: str, data: bytes, *, content_type: str) -> None:
        """Store ``data``, replacing what was there. A reader sees the old or the new, whole.

        Raises StorageFullError, and then nothing is half-written.
        """
        ...

    def get(self, key: str) -> bytes:
        """Return the object's bytes. Raises ObjectNotFoundError."""
        ...

    def exists(self, key: str) -> bool:
        """Tell whether the object is there."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; one that is not there is no error."""
        ...

    def list(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys that start with ``prefix``, in no promised order."""
        ...

    def folders(self, prefix: str) -> Iterator[str]:
        """Yield what stands between ``prefix``, which ends with /, and the next /, each once."""
        ...

    def check(self) -> None:
        """Raise what ``put`` would raise; for ``mapsi doctor`` and ``/readyz``."""
        ...


class ObjectNotFoundError(PermanentError):
    """There is no object under the key."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"{key}: no such object in the store; run what makes it again",
            text_ko=f"{key}: 저장소에 없는 객체입니다. 만드는 단계를 다시 실행하세요",
            reason="object_not_found",
        )


class InvalidKeyError(PermanentError):
    """The text is not a key: relative, printable ASCII, no part that starts with a dot."""

    def __init__(self, key: str) -> None:
        shown = quotable(key)
        super().__init__(
            f"{shown!r} is not a storage key; use the functions of shared/storage/keys.py",
            text_ko=f"{shown!r}: 저장소 키가 아닙니다. shared/storage/keys.py의 함수를 쓰세요",
            reason="invalid_key",
        )


class StorageUnavailableError(RetryableError):
    """The store does not answer, or not in order."""

    def __init__(self, store: str, *, detail: str) -> None:
        super().__init__(
            f"{store}: the store does not answer ({detail}); check that it runs",
            text_ko=f"{store}: 저장소가 답하지 않습니다({detail}). 실행 중인지 확인하세요",
            reason="storage_unavailable",
        )


class StorageDeniedError(RetryableError):
    """The store refuses us. Retryable: a person mends the right, and no photo is to blame."""

    def __init__(self, store: str, *, detail: str) -> None:
        super().__init__(
            f"{store}: the store refuses access ({detail}); check its rights and keys",
            text_ko=f"{store}: 저장소가 접근을 거부합니다({detail}). 권한과 키를 확인하세요",
            reason="storage_denied",
        )


class StorageFullError(RetryableError):
    """The disk or the bucket's quota is full."""

    def __init__(self, store: str) -> None:
        super().__init__(
            f"{store}: the store is full; free some space",
            text_ko=f"{store}: 저장소가 가득 찼습니다. 공간을 비우세요",
            reason="storage_full",
        )


def check_key(key: str) -> str:
    """Return ``key``, or raise InvalidKeyError."""
    if len(key) > MAX_KEY or not _KEY.fullmatch(key):
        raise InvalidKeyError(key)
    return key


def check_prefix(prefix: str) -> str:
    """Return ``prefix``, which may end anywhere in a key, or raise InvalidKeyError."""
    if len(prefix) > MAX_KEY or not _PREFIX.fullmatch(prefix):
        raise InvalidKeyError(prefix)
    return prefix
