"""Where backups go, when the command does not say."""

from __future__ import annotations

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class BackupSettings(ServiceSettings):
    """Read from ``MAPSI_BACKUP_*``."""

    model_config = ServiceSettings.model_config | {"env_prefix": "MAPSI_BACKUP_"}

    url: str | None = Field(
        default=None,
        description="Where `mapsi backup` writes without --to: a folder, or s3://host/bucket; not "
        "the bucket of MAPSI_STORAGE_URL.",
    )
    access_key: str | None = Field(
        default=None, description="Access key of that bucket; unset: MAPSI_STORAGE_ACCESS_KEY."
    )
    secret_key: SecretStr | None = Field(
        default=None, description="Secret key of that bucket; unset: MAPSI_STORAGE_SECRET_KEY."
    )
