"""What is known of the weights: ``segmenter.toml`` beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from services.segmentation.domain import Rules
from shared import weights as weights_files
from shared.contracts.message import ModelRef
from shared.contracts.vocabulary import CATEGORIES
from shared.errors import PermanentError

_NAME: Final = "segmenter.toml"
_SETTING: Final = "MAPSI_SEGMENTATION_WEIGHTS"


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
    classes: tuple[str, ...] = Field(
        default=CATEGORIES,
        description='for each class of the network one of the 13 categories, or "" for no garment',
    )
    onnx: WeightsFile | None = Field(default=None, description="none: the mmdet engine serves it")
    checkpoint: WeightsFile
    data: dict[str, Any] = Field(description="what it was trained on, with licences")
    metrics: dict[str, Any] = Field(default={}, description="measured on the test split")

    def rules(self, *, threshold: float | None) -> Rules:
        """Return the rules with ``threshold``, or the model's own."""
        return Rules(threshold=self.threshold if threshold is None else threshold)

    def served_by(self, engine: str) -> WeightsFile:
        """Return the file that ``engine`` reads; PermanentError where there is none for it."""
        if engine == "mmdet":
            return self.checkpoint
        if self.onnx is None:
            path, advice = self.folder / _NAME, "set MAPSI_SEGMENTATION_ENGINE=mmdet"
            raise PermanentError(
                f"{path}: {self.config} has no ONNX file; {advice}",
                text_ko=f"{path}: {self.config} 모델에는 ONNX 파일이 없습니다. {advice}",
                reason="no_onnx",
            )
        return self.onnx

    def reference(self, weights: WeightsFile) -> ModelRef:
        """Return what results name."""
        return ModelRef(name=self.name, version=self.version, sha256=weights.sha256)

    def verified(self, weights: WeightsFile) -> bytes:
        """Return the weights' bytes; PermanentError unless they are the ones named here."""
        path = self.folder / weights.file
        return weights_files.verified(path, weights.sha256, named_in=_NAME, setting=_SETTING)


def read_metadata(folder: Path) -> Metadata:
    """Read ``folder/segmenter.toml``; PermanentError where it is missing or incomplete."""
    return weights_files.read_metadata(folder / _NAME, Metadata, setting=_SETTING)
