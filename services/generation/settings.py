"""Generation's settings."""

from __future__ import annotations

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
