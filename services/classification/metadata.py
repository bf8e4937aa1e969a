"""What is known of the weights: ``classifier.toml`` beside them."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.contracts.message import ModelRef
from shared.errors import PermanentError


class Metadata(BaseModel):
    """The model's name, version, file, threshold, origin and figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    name: str
    version: str
    license: str
    file: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    side: int = Field(gt=0, description="height and width of the input, in pixels")
    temperature: float = Field(gt=0, description="the logit is divided by it")
    threshold: float = Field(ge=0, le=1, description="chosen on the validation split")
    data: dict[str, Any] = Field(description="what it was trained on, with licences")
    metrics: dict[str, Any] = Field(default={}, description="measured on the test split")

    @property
    def reference(self) -> ModelRef:
        """What results name."""
        return ModelRef(name=self.name, version=self.version, sha256=self.sha256)

    def verified(self) -> bytes:
        """Return the weights' bytes; PermanentError unless they are the ones named here."""
        path = self.folder / self.file
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _unusable(path, "cannot be read", "읽을 수 없습니다") from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise _unusable(
                path, "is not the file that classifier.toml names", "classifier.toml과 다릅니다"
            )
        return content


def read_metadata(folder: Path) -> Metadata:
    """Read ``folder/classifier.toml``; PermanentError where it is missing or incomplete."""
    path = folder / "classifier.toml"
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
        return Metadata(folder=folder, **fields)
    except (OSError, tomllib.TOMLDecodeError, ValidationError, TypeError) as error:
        raise _unusable(path, "cannot be read", "읽을 수 없습니다") from error


def _unusable(path: Path, fault: str, fault_ko: str) -> PermanentError:
    setting = "MAPSI_CLASSIFICATION_WEIGHTS"
    return PermanentError(
        f"{path}: {fault}; reinstall Mapsi or unset {setting}",
        text_ko=f"{path}: {fault_ko}. 맵시를 다시 설치하거나 {setting}를 지우세요",
        reason="bad_weights",
    )
