"""A real mail server for tests, on loopback: aiosmtpd, with or without STARTTLS and sign-in."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass
class MailServer:
    """Where it listens, and what it was given."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refuses: str | None = None
    """What it answers to a recipient instead of taking the mail."""

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802
        """Take a recipient, or not."""
        _, _, envelope, address, _ = given
        if self.refuses is None:
            envelope.rcpt_tos.append(address)
        return self.refuses or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a mail."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


def _knows(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    known = given == LoginPassword(b"mapsi", b"secret")
    return AuthResult(success=known, handled=False)


@contextmanager
def running_smtp(tls: ssl.SSLContext | None = None, **options: Any) -> Iterator[MailServer]:
    """Run a server on a free port of loopback."""
    with socket.socket() as probe:  # the controller connects to the port it is told: 0 is none
        probe.bind(("127.0.0.1", 0))
        mails = MailServer(port=probe.getsockname()[1])
    controller = Controller(
        mails, hostname="127.0.0.1", port=mails.port, tls_context=tls, authenticator=_knows,
        auth_require_tls=tls is not None, **options,
    )  # fmt: skip
    controller.start()
    try:
        yield mails
    finally:
        controller.stop()
