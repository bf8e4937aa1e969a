"""Rules look at each week once, and what they say arrives, once, whatever breaks between."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from sqlalchemy import select

from services.gateway.alert_book import add_rule
from services.trends.watching import deliver_due, look_at_rules, week_to_judge
from shared.alerts.delivery import Alert, deliver, sign
from shared.alerts.rules import Finding, Rule, event_id
from shared.alerts.samples import sample
from shared.alerts.settings import AlertSettings
from shared.contracts.vocabulary import ALL
from shared.errors import PermanentError, RetryableError
from shared.records import Database
from shared.records.alerts import AlertFiring, AlertRule
from shared.records.trends import Cell, TrendWeek
from tests.hostile.web_server import WebServer, redirects, says, web_server
from tests.servers.smtp import MailServer, running_smtp
from tests.together import run_together

pytestmark = pytest.mark.integration
WEEK = date(2026, 2, 23)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""Monday, nine hours after the week's end."""


@pytest.fixture
def hook() -> Iterator[WebServer]:
    with web_server() as server:
        server.scripts["/hook"] = says("204 No Content")
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with running_smtp() as server:
        yield server


def settings(hook: WebServer | None = None, mail: MailServer | None = None, **more: Any) -> Any:
    given: dict[str, Any] = {}
    if hook:
        given |= {"networks": "127.0.0.1/32", "ports": str(hook.port)}
    if mail:
        given |= {"smtp_host": "127.0.0.1", "smtp_port": mail.port, "smtp_security": "none"}
    return AlertSettings(**given | more)


def rule(hook: WebServer | None = None, **fields: Any) -> Rule:
    given = {"name": "mine", "item": "trousers", "color": "beige", "growth": 0.3, "support": 200}
    if hook:
        given["webhook"] = f"http://127.0.0.1:{hook.port}/hook"
    return Rule(**given | fields)


def history(database: Database, beige: list[int], *, total: int = 1000, last: date = WEEK) -> None:
    """Count ``beige`` trousers among ``total`` looks of each week up to ``last``."""
    with database.transaction() as session:
        for back, looks in enumerate(reversed(beige)):
            week = last - timedelta(weeks=back)
            session.add(TrendWeek(week=week, version=1, exported=0))
            for item, color, number in ((ALL, ALL, total), ("trousers", "beige", looks)):
                session.add(
                    Cell(
                        week=week, pattern=ALL, item=item, color=color, style="unknown",
                        source="street", looks=number,
                    )
                )  # fmt: skip


def watch(database: Database, *rules: Rule) -> list[str]:
    with database.transaction() as session:
        return [add_rule(session, one, key_id="key").rule_id for one in rules]


def firings(database: Database) -> list[AlertFiring]:
    with database.reading() as session:
        return list(session.scalars(select(AlertFiring).order_by(AlertFiring.rule_id)))


def body_of(hook: WebServer, number: int = -1) -> tuple[dict[str, str], bytes]:
    head, _, body = hook.requests[number].partition("\r\n\r\n")
    lines = [line.partition(": ") for line in head.split("\r\n")[1:]]
    return {name.lower(): value for name, _, value in lines}, body.encode("latin-1")


RISING = [20] * 8 + [30, 40, 50, 60]


def test_rule_fires_once_for_a_week_and_the_webhook_is_signed(
    database: Database, hook: WebServer
) -> None:
    history(database, RISING)
    (rule_id,) = watch(database, rule(hook))
    for _ in range(3):
        look_at_rules(database, settings(hook), now=NOW)
        deliver_due(database, settings(hook), now=NOW)
    assert len(hook.requests) == 1
    headers, body = body_of(hook)
    told = json.loads(body)
    assert told["finding"]["growth"] == pytest.approx(1.25, abs=0.01)
    assert (told["finding"]["support"], told["finding"]["week"]) == (260, "2026-02-23")
    assert told["id"] == headers["webhook-id"] == event_id(rule_id, WEEK)
    with database.reading() as session:
        secret = session.get_one(AlertRule, rule_id).secret
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert sign(secret or "", event_id=told["id"], at=at, body=body) == headers["webhook-signature"]
    (firing,) = firings(database)
    assert (firing.state, firing.attempts) == ("sent", 1)


def test_rule_whose_conditions_are_not_met_is_quiet_that_week(
    database: Database, hook: WebServer
) -> None:
    history(database, RISING)
    watch(database, rule(hook, growth=2.0), rule(hook, support=5000), rule(hook, growth=-0.2))
    assert look_at_rules(database, settings(hook), now=NOW) == 0
    assert {firing.state for firing in firings(database)} == {"quiet"}
    deliver_due(database, settings(hook), now=NOW)
    assert hook.requests == []


def test_fall_against_the_week_before_is_told_too(database: Database, hook: WebServer) -> None:
    history(database, [200, 200, 200, 200, 200, 200, 200, 200, 100])
    watch(database, rule(hook, growth=-0.3, weeks=1))
    assert look_at_rules(database, settings(hook), now=NOW) == 1


def test_next_week_is_judged_anew(database: Database, hook: WebServer) -> None:
    history(database, RISING)
    watch(database, rule(hook))
    look_at_rules(database, settings(hook), now=NOW)
    history(database, [90], last=WEEK + timedelta(weeks=1))
    assert look_at_rules(database, settings(hook), now=NOW + timedelta(days=7)) == 1
    assert len(firings(database)) == 2


def test_week_is_judged_some_hours_after_its_end() -> None:
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    assert week_to_judge(monday + timedelta(hours=5), hours=6) == WEEK - timedelta(weeks=1)
    assert week_to_judge(monday + timedelta(hours=6), hours=6) == WEEK
    assert week_to_judge(monday + timedelta(days=6, hours=23), hours=6) == WEEK


def test_week_without_looks_says_nothing_of_an_older_one(
    database: Database, hook: WebServer
) -> None:
    history(database, RISING, last=WEEK - timedelta(weeks=1))
    watch(database, rule(hook))
    assert look_at_rules(database, settings(hook), now=NOW) == 0
    (firing,) = firings(database)
    assert firing.figures["finding"]["growth"] is None


def test_two_workers_at_once_say_it_once(database: Database, hook: WebServer) -> None:
    history(database, RISING)
    watch(database, *(rule(hook, name=str(number)) for number in range(4)))
    own = settings(hook)

    def work() -> None:
        look_at_rules(database, own, now=NOW)
        deliver_due(database, own, now=NOW)

    run_together(work, work, work)
    ids = [body_of(hook, number)[0]["webhook-id"] for number in range(len(hook.requests))]
    assert len(ids) == len(set(ids)) == 4


def test_webhook_that_stumbles_is_tried_again_later_under_the_same_id(
    database: Database, hook: WebServer
) -> None:
    history(database, RISING)
    watch(database, rule(hook))
    hook.scripts["/hook"] = says("503 Service Unavailable")
    look_at_rules(database, settings(hook), now=NOW)
    assert deliver_due(database, settings(hook), now=NOW) == 0
    assert deliver_due(database, settings(hook), now=NOW + timedelta(seconds=30)) == 0
    hook.scripts["/hook"] = says("200 OK")
    assert deliver_due(database, settings(hook), now=NOW + timedelta(minutes=2)) == 1
    ids = {body_of(hook, number)[0]["webhook-id"] for number in range(2)}
    assert len(hook.requests) == 2 and len(ids) == 1
    (firing,) = firings(database)
    assert (firing.state, firing.attempts, firing.error) == ("sent", 2, None)


def test_webhook_that_never_answers_is_given_up_with_its_reason(
    database: Database, hook: WebServer
) -> None:
    history(database, RISING)
    watch(database, rule(hook))
    hook.scripts["/hook"] = says("500 Oops")
    look_at_rules(database, settings(hook), now=NOW)
    for days in range(5):
        deliver_due(database, settings(hook, attempts=3), now=NOW + timedelta(days=days))
    (firing,) = firings(database)
    assert (firing.state, firing.attempts, len(hook.requests)) == ("failed", 3, 3)
    assert "500" in (firing.error or "")


@pytest.mark.parametrize("answer", [says("404 Not Found"), redirects("http://127.0.0.1:1/")])
def test_webhook_that_refuses_is_not_tried_again(
    database: Database, hook: WebServer, answer: Any
) -> None:
    history(database, RISING)
    watch(database, rule(hook))
    hook.scripts["/hook"] = answer
    look_at_rules(database, settings(hook), now=NOW)
    for days in range(3):
        deliver_due(database, settings(hook), now=NOW + timedelta(days=days))
    (firing,) = firings(database)
    assert (firing.state, len(hook.requests)) == ("failed", 1)


def test_channel_that_arrived_is_not_told_again_when_the_other_fails(
    database: Database, hook: WebServer, mail: MailServer
) -> None:
    history(database, RISING)
    watch(database, rule(hook, email="md@shop.example", language="ko"))
    mail.refuses = "451 come back later"
    own = settings(hook, mail)
    look_at_rules(database, own, now=NOW)
    deliver_due(database, own, now=NOW)
    mail.refuses = None
    assert deliver_due(database, own, now=NOW + timedelta(minutes=5)) == 1
    assert len(hook.requests) == 1
    (message,) = mail.mails
    assert message["To"] == "md@shop.example"
    assert message["Subject"] == "Mapsi: 베이지 바지 +125% 상승"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "비교한 룩: 260개" in message.get_content()


def alert(**fields: Any) -> Alert:
    mine = rule(**fields)
    return Alert("e" * 32, "r" * 32, mine, None, sample(mine, now=NOW))


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/", "http://[::1]/", "http://2130706433/",
            "https://user@hooks.example/", "http://127.0.0.1:{port}/hook"],
)  # fmt: skip
def test_webhook_into_our_own_network_is_never_sent(hook: WebServer, url: str) -> None:
    closed = AlertSettings(ports=f"80,443,{hook.port}")
    outcome = deliver(alert(webhook=url.format(port=hook.port)), closed, at=NOW)
    assert isinstance(outcome["webhook"], PermanentError)
    assert hook.requests == []


def test_mail_is_encrypted_and_signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with running_smtp(context, require_starttls=True, auth_required=True) as mail:
        own = settings(mail=mail, smtp_security="starttls", smtp_user="mapsi",
                       smtp_password="secret")  # fmt: skip
        assert deliver(alert(email="md@shop.example"), own, at=NOW) == {"email": None}
        wrong = own.model_copy(update={"smtp_password": own.smtp_password.__class__("wrong")})
        (error,) = deliver(alert(email="md@shop.example"), wrong, at=NOW).values()
        assert isinstance(error, PermanentError) and "MAPSI_ALERTS_SMTP" in str(error)
    assert len(mail.mails) == 1


def test_mail_without_a_server_or_to_one_that_is_away_says_so(mail: MailServer) -> None:
    (none,) = deliver(alert(email="a@b.example"), AlertSettings(), at=NOW).values()
    assert isinstance(none, PermanentError) and "MAPSI_ALERTS_SMTP_HOST" in str(none)
    away = settings(mail=mail, smtp_port=1)
    (error,) = deliver(alert(email="a@b.example"), away, at=NOW).values()
    assert isinstance(error, RetryableError)
    mail.refuses = "550 no such user"
    (refused,) = deliver(alert(email="a@b.example"), settings(mail=mail), at=NOW).values()
    assert isinstance(refused, PermanentError)


def test_rule_without_a_channel_is_only_noted(database: Database) -> None:
    history(database, RISING)
    watch(database, rule())
    look_at_rules(database, settings(), now=NOW)
    assert deliver_due(database, settings(), now=NOW) == 1
    (firing,) = firings(database)
    assert Finding.model_validate(firing.figures["finding"]).support == 260
    assert firing.state == "sent"
