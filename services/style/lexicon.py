"""From hashtags to styles, by a file that anyone can edit."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.contracts.vocabulary import STYLES
from shared.errors import UsageError

SHIPPED: Final = Path(__file__).with_name("hashtags.toml")
MAX_STYLES: Final = 2
"""A post with hashtags of more styles wants to be found, not to say something."""


@dataclass(frozen=True)
class Lexicon:
    """Which hashtag, folded, says which style."""

    style_of: Mapping[str, str]

    def styles(self, hashtags: Iterable[str]) -> tuple[str, ...]:
        """Return the styles that hashtags say, in their order; none where they say too many."""
        said = (self.style_of.get(_folded(tag)) for tag in hashtags)
        found = tuple(dict.fromkeys(style for style in said if style))
        return found if len(found) <= MAX_STYLES else ()


def read_lexicon(path: Path) -> Lexicon:
    """Read a lexicon as ``hashtags.toml`` shows it; UsageError names what is wrong in it."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        styles, endings = content["styles"], content.get("endings", [""])
        words = {style: [_folded(word) for word in styles[style]] for style in styles}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise _wrong(path, f"{type(error).__name__}: {error}") from error
    unknown = [style for style in words if style not in STYLES]
    if unknown:
        raise _wrong(path, f"{', '.join(unknown)} is none of {', '.join(STYLES)}")
    found: dict[str, str] = {}
    for style, own in words.items():
        for tag in (word + _folded(ending) for word in own for ending in endings):
            if found.setdefault(tag, style) != style:
                raise _wrong(path, f"{tag} is said to be {found[tag]} and {style}")
    return Lexicon(found)


def _folded(tag: str) -> str:
    plain = unicodedata.normalize("NFKC", tag).casefold().removeprefix("#")
    return "".join(sign for sign in plain if sign.isalnum())


def _wrong(path: Path, detail: str) -> UsageError:
    return UsageError(
        f"{path}: no lexicon of hashtags ({detail}); copy {SHIPPED} and change it",
        text_ko=f"{path}: 해시태그 사전이 아닙니다 ({detail}). {SHIPPED}를 복사해 고치세요",
        reason="bad_lexicon",
    )
