"""An outfit's name: opaque, the same for the same pieces, and enough to find them again. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from services.gateway.catalog.domain import Item

_DIGEST: Final = 9
"""Bytes of each item's hash: 12 letters, no two items of a shop alike by chance."""
_KEPT: Final = 1 << 17
"""Items whose hashes are kept: every search names hundreds of looks."""
_MOST: Final = 3
LETTERS: Final = r"^(?:[A-Za-z0-9_-]{12}){1,3}$"
"""What an outfit's id looks like."""


def outfit_id_of(pieces: Iterable[Item]) -> str:
    """Return the id of an outfit of these pieces, in whatever order."""
    return "".join(sorted(_token(piece.item_id) for piece in pieces))


def pieces_of(outfit_id: str, items: Sequence[Item]) -> tuple[Item, ...] | None:
    """Return an outfit's pieces among ``items``; None: one of them is no longer there."""
    step = len(_token(""))
    tokens = [outfit_id[at : at + step] for at in range(0, len(outfit_id), step)]
    if not 1 <= len(tokens) <= _MOST:
        return None
    known = {_token(item.item_id): item for item in items}
    if any(token not in known for token in tokens):
        return None
    return tuple(known[token] for token in tokens)


@lru_cache(maxsize=_KEPT)
def _token(item_id: str) -> str:
    digest = blake2b(item_id.encode(), digest_size=_DIGEST).digest()
    return base64.urlsafe_b64encode(digest).decode()
