"""The gateway's settings."""

from __future__ import annotations

from ipaddress import ip_address

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.errors import UsageError
from shared.settings import ServiceSettings, Settings


class GatewaySettings(ServiceSettings):
    """Read from ``MAPSI_GATEWAY_*``."""

    model_config = SettingsConfigDict(env_prefix="MAPSI_GATEWAY_")

    host: str = Field(
        default="127.0.0.1",
        description="Address to listen on; 0.0.0.0 is every one of the machine's.",
    )
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen on.")
    requests_per_minute: int = Field(
        default=600, ge=1, description="Requests a key (without one: an address) may make."
    )
    burst: int = Field(
        default=120, ge=1, description="Of these so many at once, before the pace is held."
    )
    request_seconds: float = Field(
        default=60.0,
        gt=0,
        description="A request whose body or answer is not there by then is given up.",
    )
    linger_seconds: float = Field(
        default=0.0,
        ge=0,
        description="Told to stop, it answers 503 at /readyz and goes on so long, for a load "
        "balancer to notice; 0 where the proxy in front tries another gateway by itself.",
    )
    drain_seconds: float = Field(
        default=20.0,
        gt=0,
        description="Then it takes nothing new, and what is in hand gets so long to be done; the "
        "rest is answered 503 with Retry-After.",
    )
    decodes: int = Field(
        default=2,
        ge=1,
        description="Photos decoded or drawn at once; each may take 40 megapixels of memory.",
    )
    job_seconds: float = Field(
        default=540.0,
        gt=0,
        description="A picture that is not done by then has failed; shorter than "
        "MAPSI_VISIBILITY_TIMEOUT.",
    )
    open_pictures: int = Field(
        default=8,
        ge=1,
        description="Drawings of one person that may wait or be drawn at once; boards are not "
        "counted.",
    )
    answer_hours: float = Field(
        default=24.0, gt=0, description="How long an Idempotency-Key is remembered."
    )
    patience_seconds: float = Field(
        default=60.0,
        gt=0,
        description="What nobody took up by then is announced again; then after twice as long.",
    )
    blur_faces: bool = Field(
        default=True,
        description="Faces are hidden in photos that are shown to anyone but their uploader.",
    )
    public_trends: bool = Field(
        default=True,
        description="The page shows the trend table without a key; photos always need one.",
    )
    guests: bool | None = Field(
        default=None,
        description="Who opens the page may chat without a key, as a guest of their own; unset: "
        "only where the gateway listens on loopback.",
    )
    grafana_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s\"<>\\]+$",
        description="Address of Grafana, https://…; the operations page leads there.",
    )

    @property
    def takes_guests(self) -> bool:
        """Whether a browser without a key gets one of its own."""
        if self.guests is not None:
            return self.guests
        return self.host == "localhost" or _is_loopback(self.host)


def check_deadline(own: GatewaySettings, settings: Settings) -> None:
    """Raise UsageError where a picture may be drawn for longer than its message is held.

    The broker would hand it to a second worker, which draws it again beside the first. A board is
    laid out in seconds.
    """
    if settings.drawer == "lookbook" or own.job_seconds < settings.visibility_timeout:
        return
    times = (
        f"MAPSI_GATEWAY_JOB_SECONDS={own.job_seconds:g}, "
        f"MAPSI_VISIBILITY_TIMEOUT={settings.visibility_timeout}"
    )
    raise UsageError(
        f"{times}: a picture could be drawn twice at once; make the first shorter than the second",
        text_ko=f"{times}: 같은 그림을 두 작업자가 동시에 그릴 수 있습니다. "
        "앞의 값을 뒤의 값보다 작게 하세요",
        reason="bad_setting",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class ChatSettings(ServiceSettings):
    """Read from ``MAPSI_CHAT_*``: a language model that reads messages, beside the rules."""

    model_config = SettingsConfigDict(env_prefix="MAPSI_CHAT_")

    llm_url: str | None = Field(
        default=None,
        description="OpenAI-compatible endpoint, https://host/v1; unset: the rules alone read "
        "what people write.",
    )
    llm_key: SecretStr | None = Field(default=None, description="Its API key.")
    llm_model: str = Field(default="", description="Name of the model there.")
    llm_seconds: float = Field(
        default=4.0, gt=0, description="What the model has not read by then, the rules read."
    )
