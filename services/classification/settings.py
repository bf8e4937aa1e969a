"""Settings of the classification service, ``MAPSI_CLASSIFICATION_*``."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings

SHIPPED: Final = Path(__file__).parent / "weights"


class ClassificationSettings(ServiceSettings):
    """Read from ``MAPSI_CLASSIFICATION_*``."""

    model_config = SettingsConfigDict(env_prefix="MAPSI_CLASSIFICATION_")

    engine: Literal["onnx", "fake"] = Field(
        default="onnx",
        description="onnx: ResNet18 through ONNX Runtime on the CPU; "
        "fake: everything is fashion but flat pictures, for tests.",
    )
    weights: Path = Field(
        default=SHIPPED,
        description="Folder with classifier.toml and the weights it names.",
    )
    threshold: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Photos of a lower fashion probability go no further; unset: the model's own.",
    )
    threads: int = Field(
        default=1, ge=1, le=64, description="CPU threads of one worker's inference."
    )
