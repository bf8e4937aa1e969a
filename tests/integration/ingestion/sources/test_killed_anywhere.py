"""A look that is killed at any point and repeated finds exactly the posts there are."""

from __future__ import annotations

import multiprocessing
import random
import signal
import time

import pytest

from shared.records.ingestion import Photo
from shared.records.sources import FoundItem
from tests.servers.platforms.look import look
from tests.servers.platforms.mastodon import Mastodon
from tests.servers.serving import serving

pytestmark = pytest.mark.integration

KILLS = 8
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.servers.platforms.look"])


def start(house, name):
    # A lease so short that the next process takes over, and overlaps with none that lives.
    own = {**house.own, "source_lease": 0.05, "batch_size": 5}
    process = _processes.Process(target=look, args=(house.settings, name, own))
    process.start()
    return process


def calls(platform):
    return len(platform.calls) + len(platform.media_calls)


def kill(process, platform, *, after):
    """Kill the process a moment after it has asked the platform for something."""
    before, deadline = calls(platform), time.monotonic() + 30
    while calls(platform) == before and process.is_alive():
        assert time.monotonic() < deadline, "it asks for nothing"
        time.sleep(0.002)
    time.sleep(after)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def test_a_look_killed_at_random_points_finds_the_exact_set_of_posts(house, platform):
    kill_and_repeat(house, platform)


def test_it_does_so_on_postgresql_too(house_on_postgres, stack):
    kill_and_repeat(house_on_postgres, stack.enter_context(serving(Mastodon)))


def kill_and_repeat(house, platform):
    """Kill looks at the platform while people post; then let two looks end."""
    chance = random.Random(platform.kind)
    platform.fill(24)
    name = house.add(platform)
    killed, longest = 0, 0.4
    for number in range(KILLS):
        if kill(start(house, name), platform, after=chance.uniform(0, longest)):
            killed += 1
        else:  # on a fast machine a look is over sooner
            longest /= 2
        if number % 3 == 2:  # people go on posting meanwhile
            platform.fill(3, start=100 + 3 * number)
    assert killed >= KILLS // 2, "it was never in the middle of anything"
    for _ in range(2):  # a look under way is ended, and a new one finds what came since
        last = start(house, name)
        last.join(60)
        assert last.exitcode == 0
    assert house.posts() == sorted(platform.expected())
    photos = [photo.photo_id for photo in house.rows(Photo)]
    assert sorted(photos) == sorted({photo_id for _, photo_id in platform.expected()})
    states = [item.state for item in house.rows(FoundItem)]
    assert "waiting" not in states
    source = house.source(name)
    assert (source.found, source.taken, source.refused) == (len(photos), len(photos), 0)
    assert source.videos == sum(posted.videos for posted in platform.posts)
