"""Settings of the ingestion service, ``MAPSI_INGESTION_*``."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode, SettingsConfigDict

from shared.contracts.message import MAX_PHOTOS
from shared.settings import ServiceSettings


def _token_map(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        tokens = json.loads(value)
    except ValueError:
        tokens = None
    if not isinstance(tokens, dict):  # pydantic's own words would show what was given
        raise ValueError('write it as JSON: {"SOURCE": "TOKEN", …}') from None
    return tokens


class IngestionSettings(ServiceSettings):
    """How photos are taken in, linked and looked after."""

    model_config = SettingsConfigDict(
        env_prefix="MAPSI_INGESTION_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    author_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Secret that turns authors into pseudonyms; unset: a key made once in the "
        "data folder. Set the same one wherever processes do not share that folder.",
    )
    batch_size: int = Field(
        default=MAX_PHOTOS, ge=1, le=MAX_PHOTOS, description="Photos saved and announced at once."
    )
    threads: int = Field(
        default=4,
        ge=1,
        le=32,
        description="Photos of one `mapsi ingest` that are read and decoded at the same time; "
        "the largest allowed photo takes about 550 MB while it is.",
    )
    near_distance: int = Field(
        default=10,
        ge=0,
        le=64,
        description="Bits of 64 in which the perceptual hashes of near-duplicates may differ; "
        "README.md has the measurements.",
    )
    near_fine_distance: int = Field(
        default=60,
        ge=0,
        le=256,
        description="Bits of 256 in which their finer hashes may differ besides.",
    )
    overdue_after: float = Field(
        default=120.0,
        gt=0,
        description="Seconds after which a photo that others have overtaken counts as lost.",
    )
    max_attempts: int = Field(
        default=3, ge=1, description="Announcements of a photo before it is buried."
    )
    republish_limit: int = Field(
        default=500, ge=1, description="Photos that the reconciler looks after at each tick."
    )
    hashtags: Path | None = Field(
        default=None,
        description="File with the hashtags of sources that name none, and their weights; unset: "
        "services/ingestion/sources/hashtags.toml.",
    )
    tokens: Annotated[dict[str, SecretStr], NoDecode, BeforeValidator(_token_map)] = Field(
        default={},
        description="Tokens of scheduled sources as JSON, by the source's name or its kind; "
        "docs/sources.md says what each is.",
    )
    source_seconds: float = Field(
        default=10.0,
        gt=0,
        description="Seconds of each tick that are spent on scheduled sources: meanwhile the "
        "worker does nothing else.",
    )
    source_lease: float = Field(
        default=120.0,
        gt=0,
        description="Seconds after which another process takes over a source whose process died.",
    )
    source_lookback_hours: float = Field(
        default=168.0, gt=0, description="How far back the first look at a hashtag goes."
    )
    source_overlap_minutes: float = Field(
        default=60.0,
        ge=0,
        description="How far each later look goes back behind the one before: for posts that "
        "reach a platform late, and clocks that differ.",
    )
    source_pages: int = Field(
        default=200, ge=1, description="Pages of one look at one hashtag; what is behind is missed."
    )
    source_attempts: int = Field(
        default=5, ge=1, description="Tries to fetch a photo that a source listed."
    )
    source_memory_days: int = Field(
        default=60,
        ge=8,
        description="Days after which a photo that is not listed any more is forgotten.",
    )

    feed_megabytes: int = Field(
        default=200, ge=1, le=2000, description="The largest product feed that is fetched."
    )

    @property
    def lookback(self) -> timedelta:
        """How far back the first look goes."""
        return timedelta(hours=self.source_lookback_hours)

    @property
    def overlap(self) -> timedelta:
        """How far each look reaches behind the one before."""
        return timedelta(minutes=self.source_overlap_minutes)
