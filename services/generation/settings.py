"""Generation's settings."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.generation.remote.settings import RemoteSettings


class GenerationSettings(RemoteSettings):
    """Read from ``MAPSI_GENERATION_*``; with those of servers that draw."""

    model_config = SettingsConfigDict(env_prefix="MAPSI_GENERATION_")

    enlargement: float = Field(
        default=4.0,
        ge=1,
        le=16,
        description="A garment on the board is enlarged so many times at most; "
        "more would look blurred.",
    )
