"""Photos the system tests may use: synthetic people of the package `openpeople` (MIT)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def sample_photos(name: str = "*.jpg") -> list[Path]:
    """Return the sample photos whose file name matches, in a fixed order."""
    package = find_spec("openpeople")
    assert package is not None
    assert package.origin is not None
    return sorted((Path(package.origin).parent / "data" / "curated").rglob(name))
