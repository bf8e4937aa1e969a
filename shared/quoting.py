"""Quoting what strangers wrote (file names, URLs) in one line of an error or a log."""

from __future__ import annotations


def quotable(text: str, *, limit: int = 120) -> str:
    """Return the last ``limit`` characters of ``text``, unprintable ones replaced by ``?``."""
    return "".join(c if c.isprintable() else "?" for c in text)[-limit:]
