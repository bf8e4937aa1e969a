"""``mapsi alerts``: rules that watch the trend. The API has the same under /v1/alerts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import click
from pydantic import ValidationError

from services.gateway.alert_book import CLI, add_rule, find_rule, firings_of, remove_rule, rules_of
from shared.alerts.delivery import Alert, deliver
from shared.alerts.rules import Rule, event_id
from shared.alerts.samples import sample
from shared.alerts.settings import AlertSettings
from shared.errors import UsageError
from shared.records import Database, open_database, upgrade
from shared.records.alerts import AlertRule
from shared.settings import Settings, read

_TEXTS: Final = {
    "none": (
        "No rules yet: mapsi alerts add NAME --item trousers --growth 30%",
        "규칙이 없습니다: mapsi alerts add 이름 --item trousers --growth 30%",
    ),
    "added": ("Rule {id}: {name}", "규칙 {id}: {name}"),
    "secret": (
        "The webhook is signed with {secret} (shown once).",
        "웹훅 서명 키: {secret} (한 번만 표시)",
    ),
    "removed": ("Rule {id} is removed.", "규칙 {id}을(를) 지웠습니다."),
    "ok": ("{channel}: sent", "{channel}: 보냄"),
    "no_channel": (
        "the rule has no webhook and no e-mail address",
        "이 규칙에는 웹훅도 메일 주소도 없습니다",
    ),
}
_lang = click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")


class _Percent(click.ParamType):
    name = "percent"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        if isinstance(value, float):
            return value
        try:
            return float(str(value).strip().removesuffix("%")) / 100
        except ValueError:
            self.fail(f"{value!r} is no percentage; write 30% or -20%", param, ctx)


@click.group()
def alerts() -> None:
    """Rules that watch the trend and tell a webhook or an e-mail address. 트렌드 알림."""


@alerts.command("list")
@click.option("--json", "wants_json", is_flag=True, help="JSON.")
@_lang
def list_rules(*, wants_json: bool, lang: str | None) -> None:
    """List all rules and what each said last. 규칙 목록."""
    language = lang or read(Settings).language
    with _opened() as database, database.reading() as session:
        rows = [(row, firings_of(session, row.rule_id, limit=1)) for row in rules_of(session, None)]
    if wants_json:
        told = [
            {"id": row.rule_id, "rule": row.rule, "last": last[0].figures | {"state": last[0].state}
             if last else None}
            for row, last in rows
        ]  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    if not rows:
        click.echo(_say("none", language))
    for row, last in rows:
        rule = Rule.model_validate(row.rule)
        state = f"{last[0].week} {last[0].state}" if last else "-"
        condition = f"{rule.growth:+.0%} / {rule.weeks}w, n>={rule.support}"
        click.echo(f"{row.rule_id}  {rule.what(language)}  {condition}  {state}  {rule.name}")


@alerts.command("add")
@click.argument("name")
@click.option("--item", help="A category or family: trousers, top. 아이템.")
@click.option("--color", help="A basic colour: beige. 기본색.")
@click.option("--pattern", help="striped, checked … 무늬.")
@click.option("--style", help="Only looks of this style. 스타일.")
@click.option("--source", help="Only this source. 출처.")
@click.option("--growth", type=_Percent(), required=True, help="30% or -20%. 변화율.")
@click.option("--weeks", type=click.Choice(["1", "4", "52"]), default="4", show_default=True,
              help="Last week, last four weeks, or against a year ago. 비교 기간.")  # fmt: skip
@click.option("--support", type=int, default=200, show_default=True,
              help="Looks in the weeks compared, at least. 최소 룩 수.")  # fmt: skip
@click.option("--surely", is_flag=True, help="Only what is more than chance. 우연이 아닐 때만.")
@click.option("--webhook", help="Address that is told, signed. 웹훅 주소.")
@click.option("--email", help="Address that is told. 메일 주소.")
@_lang
def add(*, lang: str | None, weeks: str, **fields: Any) -> None:
    """Add a rule called NAME: mapsi alerts add NAME --item trousers --color beige --growth 30%."""
    language = lang or read(Settings).language
    try:
        rule = Rule(weeks=int(weeks), language=language, **fields)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        where = "--" + ".".join(map(str, first["loc"])) if first["loc"] else "rule"
        raise click.UsageError(f"{where}: {first['msg']}") from error
    with _opened() as database, database.transaction() as session:
        row = add_rule(session, rule, key_id=CLI)
        rule_id, secret = row.rule_id, row.secret
    click.echo(_say("added", language, id=rule_id, name=rule.name))
    if secret:
        click.echo(_say("secret", language, secret=secret))


@alerts.command("remove")
@click.argument("rule_id")
@_lang
def remove(*, rule_id: str, lang: str | None) -> None:
    """Remove a rule. 규칙 삭제."""
    with _opened() as database, database.transaction() as session:
        remove_rule(session, _found(session, rule_id))
    click.echo(_say("removed", lang or read(Settings).language, id=rule_id))


@alerts.command("test")
@click.argument("rule_id")
@_lang
def test(*, rule_id: str, lang: str | None) -> None:
    """Send made-up figures to a rule's webhook and e-mail address now. 시험 발송."""
    language = lang or read(Settings).language
    with _opened() as database, database.reading() as session:
        row = _found(session, rule_id)
    rule, now = Rule.model_validate(row.rule), datetime.now(UTC)
    finding = sample(rule, now=now)
    event = event_id(f"test {rule_id} {now.isoformat()}", finding.week)
    alert = Alert(event, rule_id, rule, row.secret, finding, is_test=True)
    outcome = deliver(alert, read(AlertSettings), at=now)
    if not outcome:
        click.echo(_say("no_channel", language), err=True)
        sys.exit(1)
    for channel, error in outcome.items():
        told = error.in_language(language) if error else None
        click.echo(f"{channel}: {told}" if told else _say("ok", language, channel=channel))
    sys.exit(1 if any(outcome.values()) else 0)


def _found(session: Any, rule_id: str) -> AlertRule:
    row = find_rule(session, rule_id, None)
    if row is None:
        raise UsageError(
            f"there is no rule {rule_id}; see `mapsi alerts list`",
            text_ko=f"규칙이 없습니다: {rule_id}. `mapsi alerts list`를 보세요",
            reason="unknown_alert",
        )
    return row


@contextmanager
def _opened() -> Iterator[Database]:
    url = read(Settings).database
    upgrade(url)
    with closing(open_database(url)) as database:
        yield database


def _say(text: str, language: str, **values: object) -> str:
    english, korean = _TEXTS[text]
    return (korean if language == "ko" else english).format(**values)
