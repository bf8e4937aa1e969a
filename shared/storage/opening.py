"""Opening the store that a URL names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from shared.errors import UsageError
from shared.settings import Settings
from shared.storage.base import ObjectStore
from shared.storage.folder import FolderStore

_OPTIONS = {"secure": "true", "region": "", "create": "true"}


def open_storage(settings: Settings) -> ObjectStore:
    """Open the store of ``settings``; nothing is asked of it before its first use."""
    secret = settings.storage_secret_key
    return open_url(
        settings.storage,
        access_key=settings.storage_access_key,
        secret_key=secret.get_secret_value() if secret else None,
    )


def open_url(
    url: str,
    *,
    access_key: str | None = None,
    secret_key: str | None = None,
    named: str = "MAPSI_STORAGE_URL",
) -> ObjectStore:
    """Open ``file:///path`` or ``s3://ACCESS:SECRET@host:port/bucket?secure=false&region=…``.

    ``secure`` (default true) chooses https, ``region`` is the bucket's, ``create`` (default
    true) makes a missing bucket at the first ``put``. Keys in the URL, percent-encoded, come
    before the arguments. Raises UsageError, which calls the URL ``named``.
    """
    parts = urlsplit(url)
    try:
        if parts.scheme == "file":
            return _open_folder(parts)
        if parts.scheme == "s3":
            return _open_bucket(parts, access_key=access_key, secret_key=secret_key)
        raise ValueError("it must start with file:// or s3://")
    except ValueError as error:
        # The URL itself is not repeated: it may hold a secret.
        raise UsageError(
            f"{named} is not usable: {error}",
            text_ko=f"쓸 수 없는 값입니다({named}): {error}",
            reason="bad_storage_url",
        ) from error


def _open_folder(parts: SplitResult) -> ObjectStore:
    if parts.netloc not in ("", "localhost") or not parts.path or parts.query or parts.fragment:
        raise ValueError("write file:///the/folder, with ?, # and % percent-encoded")
    return FolderStore(Path(unquote(parts.path)))


def _open_bucket(
    parts: SplitResult, *, access_key: str | None, secret_key: str | None
) -> ObjectStore:
    from shared.storage.s3 import S3Store  # slow to import, and most machines have no S3

    bucket, options = parts.path.strip("/"), _options(parts.query)
    access = unquote(parts.username) if parts.username else access_key
    secret = unquote(parts.password) if parts.password else secret_key
    if not (access and secret):
        raise ValueError("set MAPSI_STORAGE_ACCESS_KEY and MAPSI_STORAGE_SECRET_KEY for it")
    return S3Store.connect(
        parts.netloc.rpartition("@")[2],
        bucket,
        access_key=access,
        secret_key=secret,
        secure=options["secure"] == "true",
        region=options["region"] or None,
        create=options["create"] == "true",
    )


def _options(query: str) -> dict[str, str]:
    given = dict(parse_qsl(query, keep_blank_values=True))
    unknown = given.keys() - _OPTIONS.keys()
    if unknown:
        raise ValueError(f"it knows secure, region and create, not {', '.join(sorted(unknown))}")
    options = _OPTIONS | given
    if {options["secure"], options["create"]} - {"true", "false"}:
        raise ValueError("secure and create are true or false")
    return options
