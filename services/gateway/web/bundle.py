"""The page's own files, read once and served under the hash of them all.

A path that changes with the content may be kept for ever, and the modules find each other by
relative paths. The words of both languages are among them, as ES modules.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from services.gateway.domain import Language, etag_of
from services.gateway.packing import pack

WEB: Final = Path(__file__).parent
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Asset:
    """One file."""

    body: bytes
    packed: bytes
    """The body in gzip."""
    media_type: str
    etag: str


@dataclass(frozen=True)
class Bundle:
    """All files by path, and what they are together."""

    tag: str
    files: dict[str, Asset]

    def path(self, name: str) -> str:
        """Return where a browser gets ``name``; KeyError where there is no such file."""
        if name not in self.files:
            raise KeyError(name)
        return f"/assets/{self.tag}/{name}"


@cache
def bundle() -> Bundle:
    """Return the files of this version."""
    root = WEB / "assets"
    files = {
        path.relative_to(root).as_posix(): _asset(path.read_bytes(), path.suffix)
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix in _TYPES
    }
    for language in ("en", "ko"):
        body = f"export default {json.dumps(words(language), ensure_ascii=False)};\n"
        files[f"words/{language}.js"] = _asset(body.encode(), ".js")
    whole = hashlib.sha256()
    for name, asset in sorted(files.items()):
        whole.update(f"{name} {asset.etag}\n".encode())
    return Bundle(whole.hexdigest()[:16], files)


@cache
def words(language: Language) -> dict[str, Any]:
    """Return what the page says, by topic: of ``en.yaml``, and of ``chat.en.yaml`` and its like."""
    told: dict[str, Any] = {}
    for path in sorted((WEB / "words").glob(f"*{language}.yaml")):
        told |= yaml.safe_load(path.read_text(encoding="utf-8"))
    return told


def _asset(body: bytes, suffix: str) -> Asset:
    return Asset(body, pack(body), _TYPES[suffix], etag_of(body))
