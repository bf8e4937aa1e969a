from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.gateway.chat.domain import Understood
from services.gateway.chat.understanding.reader import Reader

TODAY = date(2026, 11, 22)
Understand = Callable[..., Understood]


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="session")
def understand(reader: Reader) -> Understand:
    def read(text: str, **state: Any) -> Understood:
        given = {"asked": None, "look_shown": False, "today": TODAY, "language": "en", **state}
        return reader.understand(text, **given)

    return read
