"""The default hashtags and their weights, from one file that can be edited."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from shared.errors import UsageError
from shared.source_kinds import plain_hashtag

SHIPPED: Final = Path(__file__).with_name("hashtags.toml")


def read_hashtags(chosen: Path | None) -> dict[str, float]:
    """Return the weight of each hashtag, in the file's order; UsageError where it cannot be."""
    path = chosen or SHIPPED
    try:
        weights = tomllib.loads(path.read_text(encoding="utf-8"))["weights"]
        read = {plain_hashtag(name): float(weight) for name, weight in weights.items()}
        if not read or min(read.values()) <= 0:
            raise ValueError("each weight must be above 0")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"{path}: {said}; write lines like `ootd = 3` below [weights]",
            text_ko=f"{path}: {said}. [weights] 아래에 `ootd = 3`처럼 쓰세요",
            reason="bad_hashtags",
        ) from error
    return read


def weights_of(hashtags: Iterable[str], known: dict[str, float]) -> dict[str, float]:
    """Return the weight of each hashtag; 1 where the file does not name it."""
    return {hashtag: known.get(hashtag, 1.0) for hashtag in hashtags}
