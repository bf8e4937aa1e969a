"""The weekly report says what was planted, in both languages, and nothing a stranger slipped in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from services.trends.report.commands import report
from services.trends.report.digest import EMPTY, Digest, gather
from services.trends.report.page import render
from shared.forecast import Backtest
from shared.records import Database, open_database, upgrade
from tests.samples.seasons import FALLS, LAST, RISES, fill

WEDNESDAY = date(2026, 2, 25)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def database(place: Path) -> Iterator[Database]:
    url = f"sqlite:///{place}/mapsi.db"
    upgrade(url)
    with closing(open_database(url)) as opened:
        with opened.transaction() as session:
            fill(session)
        yield opened


@pytest.fixture(scope="module")
def digest(database: Database) -> Digest:
    with database.reading() as session:
        return gather(session, weeks=8, today=WEDNESDAY)


def test_the_planted_rise_and_fall_are_told_and_nothing_else(digest: Digest) -> None:
    assert [entry.values for entry in digest.rising] == [RISES]
    assert [entry.values for entry in digest.falling] == [FALLS]
    growth = digest.rising[0].growth
    assert growth is not None
    assert growth.low > 0


def test_it_tells_of_whole_weeks_only(digest: Digest, database: Database) -> None:
    assert (digest.weeks[-1], len(digest.weeks)) == (LAST, 8)
    with database.reading() as session:
        midweek = gather(session, weeks=8, today=date(2026, 2, 18))
    assert midweek.weeks[-1] == date(2026, 2, 9)


def test_what_is_worn_together_more_than_by_chance_is_told(digest: Digest) -> None:
    (pair,) = digest.pairs
    assert {pair.one, pair.other} == {("long_sleeved_outwear", "beige"), ("trousers", "navy")}
    assert pair.interval[0] > 1


def test_the_best_worn_are_forecast_beside_a_backtest(digest: Digest) -> None:
    assert len(digest.told) == 6
    assert isinstance(digest.backtest, Backtest)
    assert all(entry.ahead and len(entry.ahead.middle) == 12 for entry in digest.told)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "en",
            ["Rising", "beige trousers", "pink skirt", "almost certain", "Sources", "거리 사진"],
        ),
        ("ko", ["오르는 것", "베이지 바지", "분홍 치마", "거의 확실", "출처", "거리 사진"]),
    ],
)
@pytest.mark.parametrize("form", ["html", "md"])
def test_both_forms_speak_both_languages(
    digest: Digest, language: str, texts: list[str], form: str
) -> None:
    text = render(digest, language=language, form=form, day=WEDNESDAY)
    for wanted in texts:
        assert wanted in text
    assert "None" not in text
    assert "nan" not in text


def test_korean_has_no_english_left(digest: Digest) -> None:
    text = render(digest, language="ko", form="md", day=WEDNESDAY)
    words = set(re.findall(r"[A-Za-z]{3,}", text)) - {"instagram", "mastodon", "MASE"}
    assert words <= {"fafaf", "ffcc"} | {word for word in words if re.fullmatch("[a-f]+", word)}


def test_every_picture_is_well_formed_and_told_to_who_cannot_see(digest: Digest) -> None:
    page = render(digest, language="en", form="html", day=WEDNESDAY)
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) == 2 + 2 + 6
    for picture in pictures:
        assert ElementTree.fromstring(picture).get("aria-label")
        assert "nan" not in picture


def test_the_page_loads_nothing_from_elsewhere(digest: Digest) -> None:
    page = render(digest, language="en", form="html", day=WEDNESDAY)
    loaded = re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?([^"\')\s>]+)', page)
    assert loaded == []
    assert "<script" not in page


def test_a_source_named_by_a_stranger_is_shown_and_not_obeyed(digest: Digest) -> None:
    name = "<script>alert(1)</script>|[x](http://x)\n# big"
    hostile = Digest(**{**vars(digest), "sources": ((name, 3),)})
    assert "<script>" not in render(hostile, language="en", form="html", day=WEDNESDAY)
    text = render(hostile, language="en", form="md", day=WEDNESDAY)
    assert "[x](" not in text
    assert "\n# big" not in text


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("form", ["html", "md"])
def test_without_looks_it_says_what_to_do(language: str, form: str) -> None:
    assert "mapsi ingest" in render(EMPTY, language=language, form=form, day=WEDNESDAY)


def test_a_young_installation_is_told_without_a_forecast(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mapsi.db"
    upgrade(url)
    with closing(open_database(url)) as opened:
        with opened.transaction() as session:
            fill(session, weeks=5)
        with opened.reading() as session:
            young = gather(session, weeks=8, today=WEDNESDAY)
    page = render(young, language="en", form="html", day=WEDNESDAY)
    assert "A forecast needs 13 weeks with at least 10 looks each" in page
    assert "Nothing rose" in page


def test_the_command_writes_a_file_and_says_where(
    place: Path, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAPSI_DATA_DIR", str(place))
    options = ["--out", str(tmp_path / "reports"), "--lang", "ko", "--until", "2026-02-25"]
    result = CliRunner().invoke(report, options, catch_exceptions=False)
    written = tmp_path / "reports" / "mapsi-2026-02-16.ko.html"
    assert result.stdout.strip() == str(written)
    assert "베이지 바지" in written.read_text()
    printed = CliRunner().invoke(
        report, ["--format", "md", "--lang", "en", "--until", "2026-02-25"]
    )
    assert printed.stdout.startswith("# The week in fashion\n")


def test_where_there_is_no_database_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAPSI_DATA_DIR", str(tmp_path / "none"))
    result = CliRunner().invoke(report, ["--lang", "en", "--format", "md"], catch_exceptions=False)
    assert "There is no look yet" in result.stdout
    assert not (tmp_path / "none").exists()
