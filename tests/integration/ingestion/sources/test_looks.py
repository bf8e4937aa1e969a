"""What a source lists is taken in: all of it, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.integration


def test_every_photo_of_every_page_is_taken_in_once(house, platform):
    platform.fill(40)
    name = house.add(platform)
    assert house.look(name) is None
    assert house.posts() == sorted(platform.expected())
    source = house.source(name)
    assert source.found == source.taken == len(platform.expected())
    assert source.videos == sum(posted.videos for posted in platform.posts)
    assert source.due_at > datetime.now(UTC) + timedelta(minutes=10)
