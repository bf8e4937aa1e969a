"""The stack that the tests of this folder share; without an engine they are skipped, all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.stack import Stack, no_engine

SETTINGS = {
    # Every photo goes all the way, whatever the classifier of the day says.
    "MAPSI_CLASSIFICATION_THRESHOLD": "0",
    "MAPSI_GATEWAY_REQUESTS_PER_MINUTE": "6000",
}
CHANGES = {
    # What an installation waits nine minutes for, this one does not.
    "MAPSI_VISIBILITY_TIMEOUT": "30",
    "MAPSI_LANG": "en",
}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole stack, up and well."""
    reason = no_engine()
    if reason:
        pytest.skip(reason)
    made = Stack(tmp_path_factory.mktemp("stack"), settings=SETTINGS, changes=CHANGES)
    try:
        made.compose("up", "--build", "--detach", "--wait")
        yield made
    finally:
        made.compose("--profile", "*", "down", "--volumes", "--timeout", "60")
