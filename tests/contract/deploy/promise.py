"""A promise reads the manifests and yields what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.contract.deploy.manifests import Manifests


@dataclass(frozen=True)
class Known:
    """What there is outside of the manifests."""

    queues: frozenset[str]
    settings: frozenset[str]
    """Names of variables that a process reads."""
    images: frozenset[str]
    """Targets of the Dockerfiles."""
    stores: frozenset[str]
    """Images of others, as docker-compose.yml has them."""
    version: str
    metrics: frozenset[str]


@dataclass(frozen=True)
class Finding:
    """A broken promise."""

    promise: str
    where: str
    what: str


Broken = Iterator[tuple[str, str]]
"""Where, and what."""
Promise = Callable[[Manifests, Known], Broken]
PROMISES: Final[dict[str, Promise]] = {}


def promise(check: Promise) -> Promise:
    """Register a promise under its function's name."""
    PROMISES[check.__name__] = check
    return check
