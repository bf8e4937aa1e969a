"""Settings of the ingestion service, ``MAPSI_INGESTION_*``."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.contracts.message import MAX_PHOTOS
from shared.settings import ServiceSettings


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
