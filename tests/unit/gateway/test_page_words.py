"""What the page says exists in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from services.gateway.web.bundle import WEB, words


def _texts(told: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    if isinstance(told, dict):
        for name, inner in told.items():
            yield from _texts(inner, (*path, str(name)))
    else:
        yield ".".join(path), told


ENGLISH, KOREAN = dict(_texts(words("en"))), dict(_texts(words("ko")))


def test_both_languages_have_the_same_words():
    assert ENGLISH.keys() == KOREAN.keys()


def test_every_word_is_a_text():
    for told in (ENGLISH, KOREAN):
        wrong = [name for name, text in told.items() if not (isinstance(text, str) and text)]
        wrong += [name for name, text in told.items() if isinstance(text, list) and not all(text)]
        assert not wrong


def test_both_languages_fill_in_the_same_values():
    for name, text in ENGLISH.items():
        fields = re.findall(r"\{\w+\}", text)
        assert sorted(fields) == sorted(re.findall(r"\{\w+\}", KOREAN[name])), name


def test_every_word_that_a_module_or_template_names_exists():
    sources = [*(WEB / "templates").glob("*.html"), *(WEB / "assets" / "modules").rglob("*.js")]
    assert len(sources) >= 8
    for source in sources:
        text = source.read_text(encoding="utf-8")
        for name in re.findall(r"\bwords\.(\w+\.\w+)", text):
            known = name in ENGLISH or any(key.startswith(f"{name}.") for key in ENGLISH)
            assert known, f"{source.name}: {name}"


def test_korean_is_korean():
    alike = {name for name, text in ENGLISH.items() if KOREAN[name] == text}
    assert alike <= {"common.mapsi", "common.docs"}
