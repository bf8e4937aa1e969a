"""Generation's settings."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.generation.remote.settings import RemoteSettings
from services.generation.sdxl.settings import SdxlSettings


class GenerationSettings(RemoteSettings, SdxlSettings):
    """Read from ``MAPSI_GENERATION_*``; with those of servers that draw and of SDXL."""

    model_config = SettingsConfigDict(env_prefix="MAPSI_GENERATION_")

    enlargement: float = Field(
        default=4.0,
        ge=1,
        le=16,
        description="A garment on the board is enlarged so many times at most; "
        "more would look blurred.",
    )
    in_flight: int = Field(
        default=2,
        ge=1,
        le=256,
        description="Batches that are drawn or wait before the GPU at once: two a worker, so that "
        "it never waits; the others wait for their turn.",
    )
    max_batch: int = Field(
        default=4,
        ge=1,
        le=32,
        description="Pictures drawn together at most: more take less time each, but are all done "
        "at the end of their batch.",
    )
    ageing_seconds: float = Field(
        default=600.0,
        gt=0,
        description="A batch job that waited so long is as urgent as an interactive one.",
    )
    half_life: float = Field(
        default=3600.0,
        gt=0,
        description="Seconds after which what was drawn for someone counts half as much when turns "
        "are given.",
    )
    lease_seconds: float = Field(
        default=120.0,
        ge=1,
        description="An order whose worker gives no sign of life for so long is given to another; "
        "a worker gives four in that time.",
    )
    attempts: int = Field(
        default=3,
        ge=1,
        le=8,
        description="A look is drawn so often at most until a picture passes the review; "
        "then the best one is taken.",
    )
    upscale: float = Field(
        default=1.0,
        ge=1,
        le=4,
        description="A finished picture's sides are so many times as long as they were drawn.",
    )
    upscaler: Path | None = Field(
        default=None,
        description="ONNX network that enlarges it, RGB 0 to 1 in and out; unset: Lanczos.",
    )
    sharpen: float = Field(
        default=0.35, ge=0, le=1, description="How much a finished picture is sharpened."
    )
    tone: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="How far a finished picture's darkest and lightest parts are drawn to black "
        "and white.",
    )
