"""Settings of the trends service, ``MAPSI_TRENDS_*``."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class TrendsSettings(ServiceSettings):
    """How looks are counted."""

    model_config = SettingsConfigDict(
        env_prefix="MAPSI_TRENDS_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    author_cap: int = Field(
        default=3,
        ge=1,
        le=3,  # AUTHOR_LOOKS of shared/analytics/periods.py, which must not be read for a setting
        description="Looks of one author that count in one week and source, 1 to 3; "
        "after a change run `mapsi trends --recount`.",
    )
    parquet: bool = Field(
        default=True,
        description="Write the facts to the object store as Parquet, one file a week.",
    )
