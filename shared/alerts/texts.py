"""What an alert says to people, in Korean and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.alerts.rules import Finding, Rule

_TEXTS: Final = {
    "en": {
        "subject": "{what} {direction} {growth}",
        "up": "up",
        "down": "down",
        1: "the week of {week} against the week before",
        4: "the four weeks to the week of {week} against the four before",
        52: "the four weeks to the week of {week} against the same a year ago",
        "line": "{what}: share {growth} ({interval}), {period}.",
        "interval": "95 % certain: {low} to {high}",
        "open": "any more",
        "share": "Share in the last whole week: {share}. Looks compared: {support}.",
        "chance": "More than chance: {answer} (false discovery rate {q}).",
        "yes": "yes",
        "no": "not shown",
        "rule": "Rule: {name}",
        "test": "This is a test; the figures are made up.",
    },
    "ko": {
        "subject": "{what} {growth} {direction}",
        "up": "상승",
        "down": "하락",
        1: "{week} 주와 그 전주 비교",
        4: "{week} 주까지 4주와 그 전 4주 비교",
        52: "{week} 주까지 4주와 1년 전 같은 4주 비교",
        "line": "{what}: 비율 {growth} ({interval}), {period}.",
        "interval": "95% 확률로 {low} ~ {high}",
        "open": "상한 없음",
        "share": "지난 한 주의 비율: {share}. 비교한 룩: {support}개.",
        "chance": "우연 이상의 변화: {answer} (거짓 발견율 {q}).",
        "yes": "예",
        "no": "확인되지 않음",
        "rule": "규칙: {name}",
        "test": "시험 발송입니다. 수치는 예시입니다.",
    },
}


@dataclass(frozen=True)
class Told:
    """An alert as a person reads it."""

    subject: str
    body: str


def tell(rule: Rule, finding: Finding, *, is_test: bool = False) -> Told:
    """Return what ``finding`` means, in the rule's language."""
    words, what = _TEXTS[rule.language], rule.what(rule.language)
    growth = finding.growth or 0.0
    high = words["open"] if finding.high is None else _percent(finding.high)
    interval = words["interval"].format(low=_percent(finding.low), high=high)
    period = words[rule.weeks].format(week=finding.week)
    sure = finding.q_value is not None and finding.q_value <= 0.05
    q = "–" if finding.q_value is None else f"{finding.q_value:.3f}"
    lines = [
        words["line"].format(what=what, growth=_percent(growth), interval=interval, period=period),
        words["share"].format(
            share="–" if finding.share is None else f"{finding.share:.1%}",
            support=f"{finding.support:,}",
        ),
        words["chance"].format(answer=words["yes"] if sure else words["no"], q=q),
        words["rule"].format(name=rule.name),
    ]
    if is_test:
        lines.insert(0, words["test"])
    subject = words["subject"].format(
        what=what,
        direction=words["up"] if growth > 0 else words["down"],
        growth=_percent(growth),
    )
    return Told(subject=f"Mapsi: {subject}", body="\n".join(lines) + "\n")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:+.0%}"
