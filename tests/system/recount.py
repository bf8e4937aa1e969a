"""The weekly counts once more, by README's rule, from the analyses in the object folder.

Written from `services/trends/README.md` alone, so that it does not repeat the code's mistakes.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

AUTHOR_CAP = 3
Counts = dict[tuple[str, str, str, str, str], int]
"""Looks by week, item, colour, style and source."""


def recounted(data_dir: Path) -> Counts:
    """Count the looks of every stored analysis."""
    by_author: Counter[tuple[Any, ...]] = Counter()
    for file in (data_dir / "objects" / "results" / "color").rglob("*.json"):
        analysis = json.loads(file.read_text(encoding="utf-8"))
        if analysis["photo_id"] != analysis["look_id"]:
            continue
        posted = datetime.fromisoformat(analysis["posted_at"]).astimezone(UTC).date()
        week = (posted - timedelta(days=posted.weekday())).isoformat()
        styles = analysis["styles"]
        style = min(styles, key=lambda name: (-styles[name], name)) if styles else "unknown"
        worn = {
            (garment["category"], max(garment["colors"], key=lambda color: color["share"])["basic"])
            for garment in analysis["garments"]
            if garment["colors"]
        }
        for item, color in worn:
            by_author[week, item, color, style, analysis["source"], analysis["author"]] += 1
    counts: Counter[tuple[str, str, str, str, str]] = Counter()
    for (*cell, author), looks in by_author.items():
        counts[tuple(cell)] += min(looks, AUTHOR_CAP) if author else looks
    return dict(counts)


def shown(trends: dict[str, Any]) -> Counts:
    """Return the counts of ``mapsi trends --json --by item,color,style,source``."""
    return {
        (week, row["item"], row["color"], row["style"], row["source"]): looks
        for row in trends["rows"]
        for week, looks in zip(trends["weeks"], row["looks"], strict=True)
        if looks
    }
