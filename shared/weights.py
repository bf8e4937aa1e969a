"""Weights of models: what describes them, and that they are the very files it names.

Beside every file of weights lies a TOML file with the same head for every model::

    name = "fashion-resnet18"
    version = "2026.11.22"
    license = "Apache-2.0"
    file = "classifier.onnx"       # a model of several files has a table for each instead:
    sha256 = "…"                   # [onnx] and [checkpoint] with file and sha256

    [data]                         # what it was trained on, with licences
    [metrics]                      # measured on photos it never saw; the first is the headline

and what serving it needs. Only ONNX and safetensors are read: neither can hold a program.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from shared.contracts.message import ModelRef
from shared.errors import PermanentError

FORMATS: Final = (".onnx", ".safetensors")
_PROGRAMS: Final = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
"""How torch's ZIP files and Python's pickles begin: loading one runs what it holds."""

Metadata = TypeVar("Metadata", bound=BaseModel)


class WeightsFile(BaseModel):
    """A file of weights beside its description, and its fingerprint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @field_validator("file")
    @classmethod
    def _is_safe(cls, name: str) -> str:
        if PurePath(name).name != name:
            raise ValueError(f"{name!r} must lie beside its description")
        if PurePath(name).suffix not in FORMATS:
            raise ValueError(f"{name!r} is neither ONNX nor safetensors; convert it first")
        return name


class ModelCard(BaseModel):
    """The head that the descriptions of all models share; a model's own class adds to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    name: str
    version: str
    license: str
    files: dict[str, WeightsFile] = Field(description="by what reads them: onnx, checkpoint, …")
    data: dict[str, Any] = Field(description="what it was trained on, with licences")
    metrics: dict[str, Any] = Field(default={}, description="measured on photos it never saw")

    @model_validator(mode="before")
    @classmethod
    def _gather_files(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """Collect the tables that name a file, or the one file that the head names."""
        tables = {
            name: table
            for name, table in fields.items()
            if isinstance(table, dict) and "sha256" in table
        }
        plain = {name: value for name, value in fields.items() if name not in tables}
        if "file" in plain:
            suffix = PurePath(str(plain["file"])).suffix.removeprefix(".")
            tables[suffix] = {"file": plain.pop("file"), "sha256": plain.pop("sha256", "")}
        return {**plain, "files": tables} if tables else plain

    def model_ref(self, kind: str) -> ModelRef:
        """Return what results name that the file for ``kind`` made."""
        return ModelRef(name=self.name, version=self.version, sha256=self.files[kind].sha256)

    def headline(self) -> tuple[str, Any] | None:
        """Return the first figure and its name; None where nothing was measured."""
        return next(iter(self.metrics.items()), None)


def read_metadata(path: Path, metadata: type[Metadata], *, setting: str) -> Metadata:
    """Read the TOML file at ``path``; its folder becomes the field ``folder``.

    ``setting`` is the variable that chose the folder. Raises PermanentError where the file is
    missing or incomplete, or names weights of another format than ONNX and safetensors.
    """
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
        return metadata(folder=path.parent, **fields)
    except ValidationError as error:
        detail = _first(error)
        fault, fault_ko = f"cannot be used ({detail})", f"쓸 수 없습니다 ({detail})"
        raise _unusable(path, fault, fault_ko, setting) from error
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise _unusable(path, "cannot be read", "읽을 수 없습니다", setting) from error


def verified(path: Path, sha256: str, *, named_in: str, setting: str) -> bytes:
    """Return the bytes of the file at ``path``.

    Raises PermanentError unless their hash is ``sha256`` and they are ONNX or safetensors.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unusable(path, "cannot be read", "읽을 수 없습니다", setting) from error
    if path.suffix not in FORMATS or content.startswith(_PROGRAMS):
        fault = "is neither ONNX nor safetensors and may run a program"
        raise _unusable(path, fault, "ONNX도 safetensors도 아닙니다", setting)
    if hashlib.sha256(content).hexdigest() != sha256:
        fault, fault_ko = f"is not the file that {named_in} names", f"{named_in}과 다릅니다"
        raise _unusable(path, fault, fault_ko, setting)
    return content


def as_toml(fields: Mapping[str, Any]) -> str:
    """Return a card's text: plain values and lists first, then one table for each mapping.

    Numbers are rounded to 4 digits.
    """
    lines = [
        f"{name} = {_literal(value)}"
        for name, value in fields.items()
        if not isinstance(value, Mapping)
    ]
    for name, table in fields.items():
        if isinstance(table, Mapping):
            lines += ["", f"[{name}]"]
            lines += [f"{key} = {_literal(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _literal(value: str | float | list[str] | tuple[str, ...]) -> str:
    # JSON writes strings, lists and numbers as TOML reads them.
    return json.dumps(round(value, 4) if isinstance(value, float) else value, ensure_ascii=False)


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}".removeprefix(": ")


def _unusable(path: Path, fault: str, fault_ko: str, setting: str) -> PermanentError:
    return PermanentError(
        f"{path}: {fault}; reinstall Mapsi or unset {setting}",
        text_ko=f"{path}: {fault_ko}. 맵시를 다시 설치하거나 {setting}를 지우세요",
        reason="bad_weights",
    )
