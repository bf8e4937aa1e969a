"""Answers in fewer bytes, for clients that take gzip. What streams is never packed."""

from __future__ import annotations

import gzip
from typing import Final

from fastapi import Request, Response

_LEAST: Final = 1_400
"""Bytes of a body below which it fits into one packet anyway."""
_LEVEL: Final = 5
"""Of bodies that are packed anew each time: 6 % larger than at 9, in a third of the time."""


def packed(request: Request, response: Response, *, ready: bytes | None = None) -> Response:
    """Return a whole answer packed where the client takes that and it is worth it.

    ``ready`` is the body as ``pack`` gave it, where that was done before. The entity tag becomes
    a weak one: it names the same content in other bytes.
    """
    response.headers.append("Vary", "Accept-Encoding")
    body = bytes(response.body)
    if len(body) < _LEAST or not _takes_gzip(request.headers.get("accept-encoding", "")):
        return response
    response.body = gzip.compress(body, _LEVEL, mtime=0) if ready is None else ready
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))
    if response.headers.get("ETag", "").startswith('"'):
        response.headers["ETag"] = f"W/{response.headers['ETag']}"
    return response


def pack(body: bytes) -> bytes:
    """Return a body that is sent often in as few bytes as gzip gives."""
    return gzip.compress(body, 9, mtime=0)


def _takes_gzip(accepted: str) -> bool:
    for offer in accepted.lower().split(","):
        name, _, weight = offer.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
