"""Sources are looked at by the clock, side by side, a slice of time each."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from prometheus_client import REGISTRY
from sqlalchemy import update

from services.ingestion import tasks
from services.ingestion.schedule import commands as source_commands
from services.ingestion.schedule.commands import sources
from services.ingestion.schedule.rounds import claim
from services.ingestion.settings import IngestionSettings
from shared.contracts.clock import Tick
from shared.errors import UsageError
from shared.records.sources import FoundItem, ScheduledSource
from tests.servers.platforms.feed import Feed
from tests.servers.platforms.instagram import ACCOUNT, Instagram
from tests.servers.platforms.look import desk_for, fetch_here
from tests.servers.platforms.mastodon import Mastodon
from tests.servers.platforms.platform import says
from tests.servers.serving import serving

pytestmark = pytest.mark.integration


@pytest.fixture
def tick(house, monkeypatch):
    """Return what one tick of beat does."""

    def once(**own):
        settings = IngestionSettings(**{**house.own, **own})
        desk = desk_for(house.settings, house.database, settings)
        monkeypatch.setattr(tasks, "_desk", lambda context: desk)
        monkeypatch.setattr(tasks, "_settings", lambda: settings)
        monkeypatch.setattr(tasks, "_database", lambda url: house.database)
        return tasks.read_sources(Tick(), desk.run.context)

    return once


def paused(name):
    return REGISTRY.get_sample_value("mapsi_source_paused", {"source": name})


def test_a_tick_looks_at_what_is_due_and_a_redelivered_one_at_nothing(house, stack, tick):
    mastodon = stack.enter_context(serving(Mastodon))
    mastodon.fill(6)
    house.add(mastodon)
    tick()
    assert house.posts() == sorted(mastodon.expected())
    asked = len(mastodon.calls)
    tick()
    assert len(mastodon.calls) == asked


def test_slices_of_time_end_a_look_without_losing_its_place_and_none_starves(house, stack, tick):
    town, site = stack.enter_context(serving(Mastodon)), stack.enter_context(serving(Feed))
    town.page_size = 3
    for platform in (town, site):
        platform.fill(12)
        house.add(platform)
    for _ in range(40):
        tick(source_seconds=0.001, batch_size=4)
    assert set(house.posts()) == town.expected() | site.expected()


def test_a_source_in_trouble_or_paused_keeps_no_other_from_its_look(house, stack, tick):
    town, site = stack.enter_context(serving(Mastodon)), stack.enter_context(serving(Feed))
    town.fill(3)
    site.fill(3)
    house.add(town, name="expired")
    house.add(site)
    house.own["tokens"] = {"expired": "old"}
    tick()
    assert house.posts() == sorted(site.expected())
    assert (paused("expired"), paused("feed")) == (1.0, 0.0)
    town.faults = [says(500)] * 50
    tick()
    assert not town.calls[1:], "a paused source is left alone"


def test_a_source_at_work_is_left_to_its_process_until_the_lease_ends(house, stack):
    mastodon = stack.enter_context(serving(Mastodon))
    name = house.add(mastodon)
    desk = desk_for(house.settings, house.database, IngestionSettings(source_lease=50))
    now = datetime.now(UTC)
    assert claim(desk, now=now) is not None
    assert claim(desk, now=now) is None
    assert claim(desk, name=name, now=now + timedelta(seconds=51)) is not None


def test_items_that_are_listed_no_more_are_forgotten_in_the_end(house, stack, tick):
    mastodon = stack.enter_context(serving(Mastodon))
    mastodon.fill(4)
    house.add(mastodon)
    tick()
    assert house.rows(FoundItem)
    with house.database.transaction() as session:
        old = datetime.now(UTC) - timedelta(days=61)
        session.execute(update(FoundItem).values(seen_at=old))
        later = datetime.now(UTC) + timedelta(hours=1)
        session.execute(update(ScheduledSource).values(due_at=later))
    tick()
    assert house.rows(FoundItem) == []


class TestCommand:
    @pytest.fixture
    def ask(self, house, monkeypatch):
        """Run ``mapsi sources …`` on the house's data."""
        monkeypatch.setattr("services.ingestion.console.configure", lambda settings: None)
        opened = source_commands.open_desk
        monkeypatch.setattr(
            source_commands, "open_desk", lambda *stores: opened(*stores, fetch=fetch_here)
        )

        def run(*arguments):
            data = ["--data", str(house.settings.data_dir)]
            return CliRunner().invoke(sources, [*arguments, *data], catch_exceptions=False)

        return run

    def test_a_source_is_added_run_and_listed(self, ask, stack: ExitStack):
        mastodon = stack.enter_context(serving(Mastodon))
        mastodon.fill(6)
        added = ask("add", "mastodon", "town", "--url", mastodon.url, "--hashtag", "#OOTD",
                    "--lang", "en")  # fmt: skip
        assert (added.exit_code, added.stdout) == (0, "source town is added and due now\n")
        ran = ask("run", "--lang", "en")
        assert ran.exit_code == 0 and "town (mastodon) resting: found 6, taken 6" in ran.stdout
        listed = json.loads(ask("list", "--json").stdout)
        assert (listed["state"], listed["taken"], listed["hashtags"]) == ("resting", 6, ["ootd"])
        assert "대기: 발견 6, 수집 6" in ask("list", "--lang", "ko").stdout

    def test_trouble_is_an_exit_code_and_a_line_with_the_fix(self, ask, stack, house):
        mastodon = stack.enter_context(serving(Mastodon))
        mastodon.faults = [says(401)]
        ask("add", "mastodon", "town", "--url", mastodon.url)
        ran = ask("run", "town", "--lang", "en")
        assert ran.exit_code == 1
        assert "town (mastodon) paused: token" in ran.stdout
        assert "→ source town: its token is missing, expired" in ran.stdout
        assert ask("resume", "town").exit_code == 0
        assert ask("run", "town").exit_code == 0

    def test_pausing_and_removing(self, ask, stack, house):
        mastodon = stack.enter_context(serving(Mastodon))
        ask("add", "mastodon", "town", "--url", mastodon.url)
        ask("pause", "town")
        assert "paused" in ask("list", "--lang", "en").stdout
        ask("run")
        assert mastodon.calls == []
        assert ask("remove", "town", "--lang", "en").stdout == (
            "source town is removed; its posts stay\n"
        )
        assert "add one" in ask("list", "--lang", "en").stdout

    def test_a_killed_process_is_waited_for_until_its_lease_ends(self, ask, stack, house):
        mastodon = stack.enter_context(serving(Mastodon))
        mastodon.fill(3)
        ask("add", "mastodon", "town", "--url", mastodon.url)
        with house.database.transaction() as session:
            soon = datetime.now(UTC) + timedelta(seconds=1.5)
            session.execute(update(ScheduledSource).values(leased_until=soon))
        started = time.monotonic()
        ran = ask("run", "town", "--lang", "en")
        assert ran.exit_code == 0 and time.monotonic() - started > 1
        assert "another process is at work on it, or died" in ran.stderr

    def test_the_plan_says_who_gets_a_slot_and_what_is_missed(self, ask, stack, house):
        instagram = stack.enter_context(serving(Instagram))
        tags = [part for n in range(32) for part in ("--hashtag", f"tag{n}")]
        ask("add", "instagram", "ig", "--url", instagram.url, "--user-id", ACCOUNT, *tags,
            "--every", "2880")  # fmt: skip
        told = ask("plan", "ig", "--lang", "en").stdout
        assert "ig: 0 of 30 hashtags of 7 days are in use" in told
        assert told.count("gets a slot at the next look") == 30
        assert told.count("waits for a slot until") == 2
        assert "144 h of posts are out of reach" in told
        assert "looks every 48 h, but recent posts reach back 24 h: 24 h" in told
        korean = ask("plan", "--lang", "ko").stdout
        assert "다음 확인 때 자리를 얻습니다" in korean and "놓칩니다" in korean
        planned = json.loads(ask("plan", "ig", "--json").stdout)
        assert (planned["limit"], planned["used"], len(planned["hashtags"])) == (30, 0, 32)

    def test_terms_are_told_for_every_kind(self, ask):
        told = CliRunner().invoke(sources, ["terms", "--lang", "en"]).stdout
        for kind in ("instagram", "mastodon", "pixelfed", "bluesky", "tumblr", "feed"):
            assert f"{kind}: " in told

    def test_a_wrong_source_is_a_usage_error_in_one_line(self, ask):
        with pytest.raises(UsageError, match="a feed source needs its url; see"):
            ask("add", "feed", "site")
        with pytest.raises(UsageError, match="there is no source gone"):
            ask("pause", "gone")
