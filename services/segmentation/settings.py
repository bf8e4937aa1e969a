"""Settings of the segmentation service, ``MAPSI_SEGMENTATION_*``."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings

SHIPPED: Final = Path(__file__).parent / "weights"


class SegmentationSettings(ServiceSettings):
    """Read from ``MAPSI_SEGMENTATION_*``."""

    model_config = SettingsConfigDict(env_prefix="MAPSI_SEGMENTATION_")

    engine: Literal["onnx", "mmdet", "fake"] = Field(
        default="onnx",
        description="onnx: ONNX Runtime on the CPU; mmdet: MMDetection, needs the ml extra; "
        "fake: made-up garments, for tests.",
    )
    weights: Path = Field(
        default=SHIPPED,
        description="Folder with segmenter.toml and the weights it names.",
    )
    threshold: float | None = Field(
        default=None,
        ge=0.01,
        le=1,
        description="Garments of a lower score are not reported; unset: the model's own.",
    )
    threads: int = Field(
        default=1, ge=1, le=64, description="CPU threads of one worker's inference."
    )
    batch_size: int = Field(
        default=16,
        ge=1,
        le=256,
        description="mmdet engine only: photos in the network at once.",
    )
    device: str = Field(default="cpu", description="mmdet engine only: cpu, cuda, cuda:1, …")
