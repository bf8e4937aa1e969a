"""Settings of alerts, ``MAPSI_ALERTS_*``: where they may be sent to, and by whom."""

from __future__ import annotations

from ipaddress import ip_network

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from shared.addresses import Network
from shared.settings import ServiceSettings


class AlertSettings(ServiceSettings):
    """Where alerts may be sent to, and by which mail server."""

    model_config = SettingsConfigDict(
        env_prefix="MAPSI_ALERTS_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    hours: float = Field(
        default=6.0,
        ge=0,
        le=160,
        description="Hours after a week's end (Monday 0:00 UTC) at which rules look at it: what "
        "is ingested late still counts.",
    )
    networks: str = Field(
        default="",
        description="Private networks that webhooks may reach besides the public internet, with "
        "commas: 10.1.0.0/16.",
    )
    ports: str = Field(default="443,80", description="Ports that webhooks may use.")
    attempts: int = Field(
        default=8,
        ge=1,
        description="Tries of a delivery: after 1 minute, 2, 4 and so on, at most 6 hours apart.",
    )
    smtp_host: str | None = Field(
        default=None, description="Mail server; unset: alerts by e-mail cannot be sent."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_security: str = Field(
        default="starttls",
        pattern="^(starttls|tls|none)$",
        description="starttls, tls (from the first byte, port 465), or none for a server of your "
        "own network.",
    )
    smtp_user: str | None = Field(default=None, description="Name to sign in there with.")
    smtp_password: SecretStr | None = Field(default=None, description="Its password.")
    smtp_sender: str = Field(
        default="mapsi@localhost", description="Address that alerts come from."
    )

    @field_validator("networks")
    @classmethod
    def _check_networks(cls, text: str) -> str:
        _networks(text)
        return text

    @field_validator("ports")
    @classmethod
    def _check_ports(cls, text: str) -> str:
        _ports(text)
        return text

    @property
    def open_networks(self) -> tuple[Network, ...]:
        """The private networks that webhooks may reach."""
        return _networks(self.networks)

    @property
    def open_ports(self) -> frozenset[int]:
        """The ports that webhooks may use."""
        return _ports(self.ports)


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _ports(text: str) -> frozenset[int]:
    return frozenset(int(part) for part in text.split(",") if part.strip())
