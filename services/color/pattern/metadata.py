"""What is known of the weights: ``pattern.toml`` beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import Field

from shared import weights as weights_files
from shared.contracts.message import ModelRef
from shared.weights import ModelCard

_NAME: Final = "pattern.toml"
_SETTING: Final = "MAPSI_COLOR_WEIGHTS"


class Metadata(ModelCard):
    """The model's name, version, file, least confidence, origin and figures."""

    temperature: float = Field(gt=0, description="the logits are divided by it")
    least_confidence: float = Field(
        ge=0, le=1, description="below it no pattern is told; chosen on training photos"
    )

    @property
    def reference(self) -> ModelRef:
        """What results name."""
        return self.model_ref("onnx")

    def verified(self) -> bytes:
        """Return the weights' bytes; PermanentError unless they are the ones named here."""
        weights = self.files["onnx"]
        path = self.folder / weights.file
        return weights_files.verified(path, weights.sha256, named_in=_NAME, setting=_SETTING)


def read_metadata(folder: Path) -> Metadata:
    """Read ``folder/pattern.toml``; PermanentError where it is missing or incomplete."""
    return weights_files.read_metadata(folder / _NAME, Metadata, setting=_SETTING)
