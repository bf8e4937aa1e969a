"""What must be the same in every process of an installation: told with each sign of life.

A secret is told as a fingerprint of 32 bits, made slowly: it shows that two differ, and helps
nobody to guess one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from services.models import MODELS
from shared.errors import MapsiError
from shared.logging import logger
from shared.settings import Settings, read

log = logger(__name__)
_MODELS: Final[Mapping[str, tuple[str, ...]]] = {
    "classification": ("classification", "style"),
    "segmentation": ("segmentation",),
    "color": ("color", "pattern", "style"),
}
_ANSWERING: Final = ("gateway", "trends")


def must_be_alike(settings: Settings, hosts: Sequence[str]) -> dict[str, str]:
    """Return, by name, what a process that hosts ``hosts`` shares with others.

    What cannot be read is left out: the process itself says so when it needs it.
    """
    told = {
        "MAPSI_DRAWER": settings.drawer,
        "MAPSI_VISIBILITY_TIMEOUT": str(settings.visibility_timeout),
        "MAPSI_STORAGE_URL": _place(settings.storage),
    }
    looks: dict[str, Callable[[], str]] = {}
    if any(host in _ANSWERING for host in hosts):
        told["MAPSI_MARKETS"] = fingerprint(json.dumps(settings.markets, sort_keys=True).encode())
    if "ingestion" in hosts:
        looks["MAPSI_INGESTION_AUTHOR_KEY"] = partial(_author_key, settings)
    for name in {model for host in hosts for model in _MODELS.get(host, ())}:
        looks[f"model {name}"] = partial(_model, name, settings)
    for name, look in looks.items():
        try:
            told[name] = look()
        except (MapsiError, ImportError, OSError) as error:
            log.warning("not told to the others", name=name, error=str(error))
    return told


def fingerprint(secret: bytes) -> str:
    """Return eight hexadecimal digits that differ where two secrets do."""
    return hashlib.scrypt(secret, salt=b"mapsi alike", n=2**14, r=8, p=1, dklen=4).hex()


def _place(url: str) -> str:
    """Return where a store is, without keys and options."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _author_key(settings: Settings) -> str:
    from services.ingestion.author_key import author_key
    from services.ingestion.settings import IngestionSettings

    return fingerprint(author_key(settings, read(IngestionSettings)))


def _model(name: str, settings: Settings) -> str:
    found = MODELS[name](settings).reference
    return f"{found.name} {found.version} {found.sha256[:12]}"
