"""What is known of the weights: ``segmenter.toml`` beside them."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.segmentation.domain import Rules
from shared.contracts.message import ModelRef
from shared.errors import PermanentError


class WeightsFile(BaseModel):
    """A file of weights and its fingerprint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Metadata(BaseModel):
    """The model's name, version, input, thresholds, origin and figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    name: str
    version: str
    license: str
    config: str = Field(description="name in configs/, without .py")
    input_scale: tuple[int, int] = Field(description="short and long side at most, in pixels")
    threshold: float = Field(ge=0, le=1, description="chosen on the validation split")
    onnx: WeightsFile
    checkpoint: WeightsFile
    data: dict[str, Any] = Field(description="what it was trained on, with licences")
    metrics: dict[str, Any] = Field(default={}, description="measured on the test split")

    def rules(self, *, threshold: float | None) -> Rules:
        """Return the rules with ``threshold``, or the model's own."""
        return Rules(threshold=self.threshold if threshold is None else threshold)

    def reference(self, weights: WeightsFile) -> ModelRef:
        """Return what results name."""
        return ModelRef(name=self.name, version=self.version, sha256=weights.sha256)

    def verified(self, weights: WeightsFile) -> bytes:
        """Return the weights' bytes; PermanentError unless they are the ones named here."""
        path = self.folder / weights.file
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _unusable(path, "cannot be read", "읽을 수 없습니다") from error
        if hashlib.sha256(content).hexdigest() != weights.sha256:
            raise _unusable(
                path, "is not the file that segmenter.toml names", "segmenter.toml과 다릅니다"
            )
        return content


def read_metadata(folder: Path) -> Metadata:
    """Read ``folder/segmenter.toml``; PermanentError where it is missing or incomplete."""
    path = folder / "segmenter.toml"
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
        return Metadata(folder=folder, **fields)
    except (OSError, tomllib.TOMLDecodeError, ValidationError, TypeError) as error:
        raise _unusable(path, "cannot be read", "읽을 수 없습니다") from error


def _unusable(path: Path, fault: str, fault_ko: str) -> PermanentError:
    return PermanentError(
        f"{path}: {fault}; reinstall Mapsi or unset MAPSI_SEGMENTATION_WEIGHTS",
        text_ko=f"{path}: {fault_ko}. 맵시를 다시 설치하거나 MAPSI_SEGMENTATION_WEIGHTS를 지우세요",
        reason="bad_weights",
    )
