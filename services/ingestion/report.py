"""The report of ``mapsi ingest``, for people (Korean, English) and for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.ingestion.runs import Report
from shared.quoting import quotable

SHOWN: Final = 20
"""Refusals that are listed; ``--json`` and the database have all."""

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "new": ("new photos", "새 사진"),
    "near_duplicates": (
        "  of these, near-duplicates of an earlier look",
        "  그중 이전 룩과 거의 같은 사진",
    ),
    "known": ("known already", "이미 있던 사진"),
    "reposts": ("  of these, in a new post", "  그중 새 게시물"),
    "refused": ("refused", "거절"),
    "passed": ("hidden files passed over", "건너뛴 숨김 파일"),
    "analyzed": ("analysed", "분석 완료"),
    "not_fashion": ("not fashion", "패션 아님"),
    "failed": ("failed; see `mapsi retry`", "실패 (`mapsi retry` 참고)"),
    "buried": ("given up; see `mapsi retry`", "포기 (`mapsi retry` 참고)"),
    "reason": ("reason of refusal", "거절 이유"),
    "photos": ("photos", "장"),
    "more": ("… and {count} more; --json lists all", "… 외 {count}건. --json은 모두 보여 줍니다"),
    "nothing": (
        "nothing was found in: {places}; give photos, a folder, a ZIP, a list or a manifest",
        "찾은 것이 없습니다: {places}. 사진, 폴더, ZIP, 목록, 매니페스트를 주세요",
    ),
    "later": (
        "the photos are stored, and are announced by themselves when it runs: `mapsi up`",
        "사진은 저장되었고, 실행하면(`mapsi up`) 자동으로 처리됩니다",
    ),
    "retried": ("photos put back: {count}", "다시 넣은 사진: {count}장"),
    "no_retry": (
        "no photo was put back: none failed, or it is analysed already",
        "다시 넣은 사진이 없습니다. 실패한 사진이 없거나 이미 분석되었습니다",
    ),
    "taking": ("Taking in", "넣는 중"),
    "anew": ("Asking anew", "다시 요청 중"),
    "asked": (
        "photos to be analysed anew: {count:,}; until then all shows what was known before",
        "다시 분석할 사진: {count:,}장. 끝날 때까지는 이전 결과가 보입니다",
    ),
    "up_to_date": (
        "nothing to do: today's models have analysed every photo",
        "할 일이 없습니다. 모든 사진이 지금 모델로 분석되어 있습니다",
    ),
    "waiting": ("Analysing", "분석 중"),
}


def say(text: str, language: str, **values: object) -> str:
    """Return one of the texts in ``"ko"`` or ``"en"``."""
    english, korean = _TEXTS[text]
    return (korean if language == "ko" else english).format(**values)


def counts(report: Report, ended: Mapping[str, int]) -> dict[str, int]:
    """Return the figures of the report, and how photos ended where that was waited for."""
    outcomes = report.outcomes
    return {
        "new": outcomes["new"] + outcomes["near_duplicate"],
        "near_duplicates": outcomes["near_duplicate"],
        "known": outcomes["known"] + outcomes["reposted"],
        "reposts": outcomes["reposted"],
        "refused": len(report.refused),
        "passed": len(report.passed),
        **ended,
    }


def draw(report: Report, ended: Mapping[str, int], *, language: str) -> RenderableType:
    """Return the report as a person reads it."""
    figures = _table((say(n, language), count) for n, count in counts(report, ended).items())
    if not report.refused:
        return figures
    reasons = Counter(entry.error.reason for entry in report.refused)
    refusals = _table(reasons.most_common())
    refusals.columns[0].header = say("reason", language)
    refusals.columns[1].header = say("photos", language)
    refusals.show_header = True
    lines = [Text(entry.error.in_language(language)) for entry in report.refused[:SHOWN]]
    if len(report.refused) > SHOWN:
        lines.append(Text(say("more", language, count=len(report.refused) - SHOWN)))
    return Group(figures, refusals, *lines)


def as_json(report: Report, ended: Mapping[str, int]) -> str:
    """Return the report as one JSON object with every refusal."""
    refused = [
        {
            "name": quotable(entry.name, limit=500),
            "reason": entry.error.reason,
            "text": entry.error.text,
            "text_ko": entry.error.text_ko,
        }
        for entry in report.refused
    ]
    passed = [quotable(name, limit=500) for name in report.passed]
    figures = counts(report, ended)
    announced = report.unannounced is None
    whole = {**figures, "refused": refused, "passed": passed, "announced": announced}
    return json.dumps(whole, ensure_ascii=False)


def _table(rows: Iterable[tuple[str, int]]) -> Table:
    table = Table("", "", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.columns[1].justify = "right"
    for name, count in rows:
        table.add_row(name, f"{count:,}")
    return table
