"""What a rule may say, when it is news, and how it is told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from services.alerts import alerts
from shared.alerts.delivery import Alert, new_secret, payload, sign
from shared.alerts.rules import Finding, Rule, ViewQuery, event_id
from shared.alerts.samples import sample
from shared.alerts.texts import tell

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
WEEK = date(2026, 2, 23)
FACTS: dict[str, Any] = {
    "week": WEEK, "growth": 0.41, "low": 0.12, "high": 0.78, "q_value": 0.004, "support": 412,
    "share": 0.031, "stage": "rising",
}  # fmt: skip


def rule(**fields: Any) -> Rule:
    return Rule(**{"name": "n", "item": "trousers", "color": "beige", "growth": 0.3} | fields)


def finding(**fields: Any) -> Finding:
    return Finding(**FACTS | fields)


@pytest.mark.parametrize(
    ("wanted", "found", "news"),
    [
        ({}, {}, True),
        ({}, {"growth": 0.3}, True),
        ({}, {"growth": 0.29}, False),
        ({}, {"growth": -0.5}, False),
        ({"growth": -0.3}, {"growth": -0.31}, True),
        ({"growth": -0.3}, {"growth": -0.1}, False),
        ({"support": 500}, {}, False),
        ({}, {"growth": None}, False),
        ({"surely": True}, {"q_value": 0.04}, True),
        ({"surely": True}, {"q_value": 0.2}, False),
        ({"surely": True}, {"q_value": None}, False),
    ],
)
def test_when_a_finding_is_news(wanted: Any, found: Any, news: bool) -> None:
    assert finding(**found).is_news(rule(**wanted)) is news


@pytest.mark.parametrize(
    "fields",
    [
        {"item": None, "color": None}, {"item": "pants"}, {"color": "taupe"}, {"growth": 0},
        {"weeks": 3}, {"support": 5}, {"webhook": "ftp://h/x"}, {"webhook": "https://"},
        {"email": "nobody"}, {"email": "a@b\r\nBcc: c@d"}, {"name": "a\nb"}, {"mail": "x@y"},
    ],
)  # fmt: skip
def test_rule_that_says_nothing_or_nonsense_is_refused(fields: Any) -> None:
    with pytest.raises(ValidationError):
        rule(**fields)


def test_rule_watches_the_row_of_its_item_family_colour_and_pattern() -> None:
    assert (rule().by, rule().values) == (("item", "color"), ("trousers", "beige"))
    family = rule(item="top", color=None, pattern="striped")
    assert (family.by, family.values) == (("family", "pattern"), ("top", "striped"))


def test_alert_is_told_in_both_languages() -> None:
    english = tell(rule(), finding())
    assert english.subject == "Mapsi: beige trousers up +41%"
    assert "95 % certain: +12% to +78%" in english.body and "Looks compared: 412" in english.body
    korean = tell(rule(language="ko"), finding(high=None))
    assert korean.subject == "Mapsi: 베이지 바지 +41% 상승"
    assert "상한 없음" in korean.body and "비교한 룩: 412개" in korean.body
    assert "made up" in tell(rule(), finding(), is_test=True).body


def test_signature_is_that_of_standard_webhooks() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the specification's own example
    at = datetime.fromtimestamp(1614265330, UTC)
    signature = sign(
        secret, event_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at, body=b'{"test": 2432232314}'
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_rule_has_a_secret_of_its_own_and_an_event_the_same_id_at_every_try() -> None:
    first, second = new_secret(), new_secret()
    assert first != second and len(base64.b64decode(first.removeprefix("whsec_"))) == 32
    assert event_id("a", WEEK) == event_id("a", WEEK) != event_id("b", WEEK)


def test_body_names_no_address_and_verifies() -> None:
    secret, mine = new_secret(), rule(webhook="https://h.example/x", email="a@b.example")
    alert = Alert("e" * 32, "r" * 32, mine, secret, finding())
    body = json.dumps(payload(alert, at=NOW)).encode()
    assert b"h.example" not in body and b"b.example" not in body and secret.encode() not in body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{'e' * 32}.{int(NOW.timestamp())}.".encode() + body
    expected = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    assert sign(secret, event_id="e" * 32, at=NOW, body=body) == f"v1,{expected}"


def test_sample_fires_the_rule_it_is_made_for() -> None:
    for growth in (0.3, -0.2):
        mine = rule(growth=growth, surely=True)
        assert sample(mine, now=NOW).is_news(mine)


def test_view_leaves_out_what_it_does_not_ask() -> None:
    view = ViewQuery(by="color", item="skirt")
    assert view.parameters() == {"by": "color", "weeks": 12, "item": "skirt"}


@pytest.fixture
def command(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MAPSI_DATA_DIR", str(tmp_path))
    return lambda *words: CliRunner().invoke(alerts, list(words), standalone_mode=False)


def test_command_adds_lists_and_removes_rules(command: Any) -> None:
    assert "mapsi alerts add" in command("list", "--lang", "en").output
    added = command("add", "my rule", "--item", "trousers", "--color", "beige", "--growth", "30%",
                    "--webhook", "https://hooks.example/x", "--lang", "en")  # fmt: skip
    assert "whsec_" in added.output
    (told,) = json.loads(command("list", "--json").output)
    assert told["rule"]["growth"] == 0.3 and "whsec_" not in json.dumps(told)
    assert "바지" in command("list", "--lang", "ko").output
    assert command("remove", told["id"], "--lang", "ko").exception is None
    assert json.loads(command("list", "--json").output) == []


def test_command_names_what_is_wrong_with_a_rule(command: Any) -> None:
    wrong = command("add", "x", "--item", "pants", "--growth", "30%")
    assert "--item" in str(wrong.exception) and "trousers" in str(wrong.exception)
    assert "percentage" in str(command("add", "x", "--growth", "lots").exception)


def test_command_that_tests_a_rule_without_channels_says_so(command: Any) -> None:
    command("add", "x", "--item", "skirt", "--growth", "-20%")
    (told,) = json.loads(command("list", "--json").output)
    assert told["rule"]["growth"] == -0.2
    result = command("test", told["id"], "--lang", "en")
    assert result.exit_code == 1 and "no webhook" in result.output
