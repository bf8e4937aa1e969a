"""Delivering an alert: a signed webhook, an e-mail. Each may fail alone.

Webhooks follow Standard Webhooks 1.0 (standardwebhooks.com): ``webhook-id`` is the same at every
try, ``webhook-timestamp`` is of the try, ``webhook-signature`` is ``v1,`` and the base64 of
HMAC-SHA256 over ``id.timestamp.body`` under the rule's secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final

from shared.alerts.rules import Finding, Rule
from shared.alerts.settings import AlertSettings
from shared.alerts.texts import tell
from shared.errors import MapsiError, PermanentError, RetryableError
from shared.fetch import FetchRules, send

_PREFIX: Final = "whsec_"
_TIMEOUT: Final = 20.0


@dataclass(frozen=True)
class Alert:
    """What is delivered."""

    event_id: str
    rule_id: str
    rule: Rule
    secret: str | None
    finding: Finding
    is_test: bool = False


def new_secret() -> str:
    """Return a secret that signs webhooks: whsec_ and 32 random bytes in base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, *, event_id: str, at: datetime, body: bytes) -> str:
    """Return the value of ``webhook-signature``."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    text = f"{event_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def deliver(alert: Alert, settings: AlertSettings, *, at: datetime) -> dict[str, MapsiError | None]:
    """Deliver to every channel of the rule; return each channel's error, None where it arrived."""
    channels = (("webhook", alert.rule.webhook, _post), ("email", alert.rule.email, _mail))
    outcome: dict[str, MapsiError | None] = {}
    for name, address, way in channels:
        if address is None:
            continue
        try:
            way(alert, address, settings, at)
            outcome[name] = None
        except MapsiError as error:
            outcome[name] = error
    return outcome


def payload(alert: Alert, *, at: datetime) -> dict[str, Any]:
    """Return a webhook's body."""
    told = tell(alert.rule, alert.finding, is_test=alert.is_test)
    watched = alert.rule.model_dump(exclude={"webhook", "email"}, exclude_none=True)
    return {
        "type": "mapsi.alert.test" if alert.is_test else "mapsi.alert",
        "timestamp": at.isoformat(),
        "id": alert.event_id,
        "rule_id": alert.rule_id,
        "rule": watched,
        "finding": alert.finding.model_dump(mode="json"),
        "text": told.subject,
    }


def _post(alert: Alert, url: str, settings: AlertSettings, at: datetime) -> None:
    body = json.dumps(payload(alert, at=at), ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": alert.event_id,
        "webhook-timestamp": str(int(at.timestamp())),
    }
    if alert.secret:
        headers["webhook-signature"] = sign(alert.secret, event_id=alert.event_id, at=at, body=body)
    rules = FetchRules(
        max_bytes=100_000, networks=settings.open_networks, ports=settings.open_ports
    )
    send(url, body, headers=headers, rules=rules)


def _mail(alert: Alert, address: str, settings: AlertSettings, at: datetime) -> None:
    if settings.smtp_host is None:
        raise PermanentError(
            "no mail server is set; set MAPSI_ALERTS_SMTP_HOST",
            text_ko="메일 서버가 없습니다. MAPSI_ALERTS_SMTP_HOST를 정하세요",
            reason="no_mail_server",
        )
    told = tell(alert.rule, alert.finding, is_test=alert.is_test)
    message = EmailMessage()
    message["Subject"] = told.subject
    message["From"], message["To"] = settings.smtp_sender, address
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{alert.event_id}@mapsi>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(told.body)
    try:
        _hand_over(message, settings)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        refused = PermanentError if all(code >= 500 for code in codes) else RetryableError
        raise _mail_error(refused, error) from error
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
        raise _mail_error(PermanentError, error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise _mail_error(RetryableError, error) from error


def _hand_over(message: EmailMessage, settings: AlertSettings) -> None:
    assert settings.smtp_host is not None  # noqa: S101 - the caller looked
    place = settings.smtp_host, settings.smtp_port
    context = ssl.create_default_context()
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=_TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(*place, timeout=_TIMEOUT)
    with server:
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_user and settings.smtp_password:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(message)


def _mail_error(family: type[MapsiError], error: Exception) -> MapsiError:
    said = " ".join(str(error).split())[:200]
    return family(
        f"the mail server did not take the alert ({said}); see MAPSI_ALERTS_SMTP_*",
        text_ko=f"메일 서버가 알림을 받지 않았습니다({said}). MAPSI_ALERTS_SMTP_*를 확인하세요",
        reason="mail_refused",
    )
