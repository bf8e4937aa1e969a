"""``mapsi ingest FEED --shop NAME``: a shop's feed in, its items' photos on their way."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Final

import click

from services.ingestion.runs import Run, fetch_photo
from services.ingestion.shop.opening import feed_fetcher
from services.ingestion.shop.rounds import Place, ShopDesk, read_by_command
from services.ingestion.shop.syncing import Reading
from services.ingestion.sources import Refused
from shared.errors import UsageError
from shared.quoting import quotable

SHOWN: Final = 20
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "added": ("new items", "새 항목"),
    "changed": ("changed items", "바뀐 항목"),
    "unchanged": ("unchanged items", "그대로인 항목"),
    "gone": ("items that are gone", "없어진 항목"),
    "childrens": ("children's items left out", "제외한 아동용 항목"),
    "refused": ("lines refused", "거절된 줄"),
    "photos": ("photos taken in", "넣은 사진"),
    "photos_refused": ("photos refused", "거절된 사진"),
    "analyzed": ("photos analysed", "분석한 사진"),
    "not_fashion": ("photos that are not fashion", "패션이 아닌 사진"),
    "failed": ("photos that failed; see `mapsi retry`", "실패한 사진 (`mapsi retry` 참고)"),
    "buried": ("photos given up; see `mapsi retry`", "포기한 사진 (`mapsi retry` 참고)"),
    "more": ("… and {count} more; --json lists all", "… 외 {count}건. --json은 모두 보여 줍니다"),
}
ORDER: Final = tuple(name for name in _TEXTS if name != "more")


def check_shop(places: tuple[str, ...], shop: str) -> None:
    """Raise UsageError where a shop's name is none, or it is not one feed that is named."""
    if not _NAME.fullmatch(shop):
        raise UsageError(
            f"--shop {quotable(shop)}: 1 to 40 small letters, digits, dots and dashes",
            text_ko=f"--shop {quotable(shop)}: 영어 소문자, 숫자, 점, 줄표로 1~40자여야 합니다",
        )
    if len(places) != 1:
        raise UsageError(
            "--shop takes one SOURCE: the shop's feed",
            text_ko="--shop에는 그 상점의 피드 SOURCE 하나만 쓰세요",
        )


def read_shop(
    place: str,
    shop: str,
    run: Run,
    *,
    even_if_mostly_gone: bool,
    progress: Callable[[int], None],
) -> Reading:
    """Read the feed at ``place`` and take in the photos of its items that are new."""
    desk = ShopDesk(run, feed_fetcher(run.settings.feed_megabytes), fetch_photo, progress)
    return read_by_command(desk, Place(shop, place), even_if_mostly_gone=even_if_mostly_gone)


def counts(reading: Reading, run: Run, ended: Counter[str]) -> dict[str, int]:
    """Return the figures of a reading, and how photos ended where that was waited for."""
    photos = {
        "photos": len(run.report.photo_ids),
        "photos_refused": len(run.report.refused),
    }
    outcomes = ("added", "changed", "unchanged", "gone", "childrens", "refused")
    return {**{name: reading.outcomes[name] for name in outcomes}, **photos, **ended}


def show(reading: Reading, run: Run, ended: Counter[str], *, language: str) -> None:
    """Print what a reading did, and the first things that are wrong with the feed."""
    figures = {name: count for name, count in counts(reading, run, ended).items() if count}
    for name in ORDER:
        if name in figures:
            click.echo(f"{figures[name]:>8,}  {_say(name, language)}")
    wrong = [*reading.refused, *run.report.refused]
    for refused in wrong[:SHOWN]:
        click.echo(f"  {refused.error.in_language(language)}")
    if len(wrong) > SHOWN:
        click.echo("  " + _say("more", language).format(count=len(wrong) - SHOWN))
    if reading.trouble is not None:
        click.echo(f"mapsi: {reading.trouble.in_language(language)}", err=True)


def as_json(reading: Reading, run: Run, ended: Counter[str]) -> str:
    """Return the same as one JSON object with every refusal."""
    trouble = reading.trouble
    whole = {
        **counts(reading, run, ended),
        "wrong": [_wrong(one) for one in (*reading.refused, *run.report.refused)],
        "trouble": trouble and {"text": trouble.text, "text_ko": trouble.text_ko},
        "announced": run.report.unannounced is None,
    }
    return json.dumps(whole, ensure_ascii=False)


def _wrong(refused: Refused) -> dict[str, str]:
    error = refused.error
    return {
        "name": quotable(refused.name, limit=500),
        "reason": error.reason,
        "text": error.text,
        "text_ko": error.text_ko,
    }


def _say(text: str, language: str) -> str:
    english, korean = _TEXTS[text]
    return korean if language == "ko" else english
