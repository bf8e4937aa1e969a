"""Settings of the color service, ``MAPSI_COLOR_*``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings

SHIPPED: Final = Path(__file__).parent / "weights"


class ColorSettings(ServiceSettings):
    """Read from ``MAPSI_COLOR_*``."""

    model_config = SettingsConfigDict(env_prefix="MAPSI_COLOR_")

    cache_dir: Path = Field(
        default=Path("~/.cache/mapsi"),
        description="Folder for the unpacked colour table (34 MB), shared by all processes; "
        "where it cannot be written each process holds the table in its own memory.",
    )
    weights: Path = Field(
        default=SHIPPED,
        description="Folder with pattern.toml and the weights it names.",
    )
    threads: int = Field(
        default=1, ge=1, le=64, description="CPU threads of one worker's pattern model."
    )
