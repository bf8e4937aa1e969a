"""What is known of the weights: ``classifier.toml`` beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from shared import weights as weights_files
from shared.contracts.message import ModelRef

_NAME: Final = "classifier.toml"
_SETTING: Final = "MAPSI_CLASSIFICATION_WEIGHTS"


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
        return weights_files.verified(path, self.sha256, named_in=_NAME, setting=_SETTING)


def read_metadata(folder: Path) -> Metadata:
    """Read ``folder/classifier.toml``; PermanentError where it is missing or incomplete."""
    return weights_files.read_metadata(folder / _NAME, Metadata, setting=_SETTING)
