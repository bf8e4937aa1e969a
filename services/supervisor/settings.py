"""The supervisor's settings."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class SupervisorSettings(ServiceSettings):
    """How ``mapsi up`` treats its child processes."""

    model_config = SettingsConfigDict(env_prefix="MAPSI_UP_")

    grace: float = Field(
        default=60.0,
        gt=0,
        description="Seconds a worker gets to finish the batch at hand when `mapsi up` stops; "
        "after them it is killed, and the next start takes its batch up again.",
    )
    log_bytes: int = Field(
        default=10_000_000,
        ge=10_000,
        description="Size at which a process's log file is set aside; three older ones are kept.",
    )
