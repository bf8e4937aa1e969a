"""A pytest plugin for `make fuzz`: only the properties, each with many more random examples."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

TIMES = int(os.environ.get("TIMES", "40"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the properties, and raise their number of examples."""
    items[:] = list(_properties(items))


def _properties(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    for item in items:
        test = getattr(item, "obj", None)
        if getattr(test, "is_hypothesis_test", False):
            own = getattr(test, "_hypothesis_internal_use_settings", None) or settings()
            test._hypothesis_internal_use_settings = settings(
                own, max_examples=own.max_examples * TIMES, deadline=None
            )
            yield item
