"""Generation's settings."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class GenerationSettings(ServiceSettings):
    """Read from ``MAPSI_GENERATION_*``."""

    model_config = SettingsConfigDict(env_prefix="MAPSI_GENERATION_")

    enlargement: float = Field(
        default=4.0,
        ge=1,
        le=16,
        description="A garment on the board is enlarged so many times at most; "
        "more would look blurred.",
    )
