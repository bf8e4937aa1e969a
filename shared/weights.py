"""Weights of models: used only when they are the very files that their metadata names."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.errors import PermanentError

Metadata = TypeVar("Metadata", bound=BaseModel)


def read_metadata(path: Path, metadata: type[Metadata], *, setting: str) -> Metadata:
    """Read the TOML file at ``path``; its folder becomes the field ``folder``.

    ``setting`` is the variable that chose the folder. Raises PermanentError where the file is
    missing or incomplete.
    """
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
        return metadata(folder=path.parent, **fields)
    except (OSError, tomllib.TOMLDecodeError, ValidationError, TypeError) as error:
        raise _unusable(path, "cannot be read", "읽을 수 없습니다", setting) from error


def verified(path: Path, sha256: str, *, named_in: str, setting: str) -> bytes:
    """Return the bytes of the file at ``path``; PermanentError unless their hash is ``sha256``."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unusable(path, "cannot be read", "읽을 수 없습니다", setting) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        fault, fault_ko = f"is not the file that {named_in} names", f"{named_in}과 다릅니다"
        raise _unusable(path, fault, fault_ko, setting)
    return content


def _unusable(path: Path, fault: str, fault_ko: str, setting: str) -> PermanentError:
    return PermanentError(
        f"{path}: {fault}; reinstall Mapsi or unset {setting}",
        text_ko=f"{path}: {fault_ko}. 맵시를 다시 설치하거나 {setting}를 지우세요",
        reason="bad_weights",
    )
