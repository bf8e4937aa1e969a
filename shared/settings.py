"""Settings every process shares, read once from ``MAPSI_*`` variables and passed down.

The defaults run on one machine without a secret. A variable that is set to something
unusable stops the process at its start with one line that names it.
"""

from __future__ import annotations

import hashlib
import locale
import os
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import UsageError


class ServiceSettings(BaseSettings):
    """The base of every settings class: frozen, every field described, unknown ones refused."""

    model_config = SettingsConfigDict(
        env_prefix="MAPSI_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    def __hash__(self) -> int:
        """Settings are keys of caches, and a dictionary among them has no hash of its own."""
        return hash(self.model_dump_json())


class Settings(ServiceSettings):
    """What more than one service reads."""

    data_dir: Path = Field(
        default=Path("mapsi-data"),
        description="Folder for everything that one machine keeps: photos, database, queue.",
    )
    redis_url: str | None = Field(
        default=None,
        description="Broker, redis://host:6379/0; unset: `mapsi up` starts a private Valkey.",
    )
    database_url: str | None = Field(
        default=None,
        description="SQLAlchemy URL, postgresql+psycopg://…; unset: SQLite in the data folder.",
    )
    storage_url: str | None = Field(
        default=None,
        description="Object store, s3://host:9000/bucket?secure=false; unset: the data folder.",
    )
    storage_access_key: str | None = Field(default=None, description="Access key of the store.")
    storage_secret_key: SecretStr | None = Field(
        default=None, description="Secret key of the store."
    )
    visibility_timeout: int = Field(
        default=570,
        ge=5,
        description="Seconds after which the broker hands an unacknowledged message out again; "
        "must be longer than the longest task, and than MAPSI_GATEWAY_JOB_SECONDS where somebody "
        "draws.",
    )
    max_deliveries: int = Field(
        default=5,
        ge=1,
        description="A message that started this often without an end killed its workers: "
        "it is dropped, and the reconciler tries its photos one by one.",
    )
    max_retries: int = Field(
        default=6, ge=0, description="Retries of a task after a retryable error."
    )
    metrics_port: int | None = Field(
        default=None, description="Port where a worker serves its own /metrics; unset: none."
    )
    health_file: Path | None = Field(
        default=None,
        description="File in which a worker or beat shows that it is well, for `mapsi health`; "
        "unset: none, and `mapsi health` asks the gateway.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        pattern="^https?://",
        description="Where traces go by OTLP/HTTP, http://collector:4318 (needs the extra traces); "
        "unset: none are made.",
    )
    log_level: str = Field(default="info", description="debug, info, warning or error.")
    log_format: str = Field(
        default="json", pattern="^(json|text)$", description="json: one object a line; or text."
    )
    style_weights: Path | None = Field(
        default=None,
        description="Folder with style.toml and the weights it names, as `mapsi train style` "
        "writes them; unset: the shipped ones.",
    )
    drawer: str = Field(
        default="lookbook",
        pattern="^(lookbook|sdxl|comfyui|openai)$",
        description="Who draws looks: sdxl (a worker with a GPU), comfyui or openai (a server of "
        "that kind); lookbook: nobody, a board of the items' photos is shown instead.",
    )
    markets: dict[str, tuple[str, ...]] = Field(
        default={},
        description="Markets as JSON, each a list of sources or patterns of them: "
        '{"KR": ["instagram*", "street"]}.',
    )
    lang: str | None = Field(
        default=None, pattern="^(ko|en)$", description="Language of what people read."
    )

    @property
    def broker(self) -> str:
        """The broker's URL; without a setting the private Valkey of the data folder."""
        return self.redis_url or f"redis+socket://{quote(str(self.valkey_socket))}"

    @property
    def valkey_socket(self) -> Path:
        """Where the private Valkey listens: in the data folder, or where that path is too long
        for a socket (108 bytes on Linux, 104 on macOS), at a short one made from it.
        """
        data_dir = str(self.data_dir.resolve()).encode()
        if len(data_dir) <= 80:
            return self.data_dir.resolve() / "valkey.sock"
        name = hashlib.sha256(data_dir).hexdigest()[:16]
        return Path(f"/tmp/mapsi-{os.getuid()}/{name}.sock")  # noqa: S108 - 0700, see supervisor

    @property
    def database(self) -> str:
        """The SQLAlchemy URL; without a setting SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve()}/mapsi.db"

    @property
    def storage(self) -> str:
        """The object store's URL; without a setting a folder in the data folder."""
        return self.storage_url or (self.data_dir.resolve() / "objects").as_uri()

    @property
    def language(self) -> str:
        """``"ko"`` or ``"en"``: the setting, else the machine's locale."""
        if self.lang:
            return self.lang
        named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
        return "ko" if named.lower().startswith("ko") else "en"


Read = TypeVar("Read", bound=ServiceSettings)


def read(settings_class: type[Read]) -> Read:
    """Read ``settings_class`` from the environment.

    Raises UsageError with one line that names the variable when a value is not usable.
    """
    try:
        return settings_class()
    except ValidationError as error:
        first = error.errors()[0]
        prefix = settings_class.model_config.get("env_prefix", "")
        name = prefix + "_".join(str(part) for part in first["loc"]).upper()
        raise UsageError(
            f"{name}: {first['msg']}; correct or unset the variable",
            text_ko=f"{name}: 값이 올바르지 않습니다 ({first['msg']}). 고치거나 지우세요",
            reason="bad_setting",
        ) from error
