"""The weekly counts once more, by README's rule, from the analyses in the object folder.

Written from `services/trends/README.md` alone, so that it does not repeat the code's mistakes.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

AUTHOR_CAP = 3
Counts = dict[tuple[str, str, str, str, str], int]
"""Looks by week, item, colour, style and source."""


def recounted(data_dir: Path) -> Counts:
    """Count the looks of every stored analysis."""
    looks: dict[tuple[Any, ...], dict[str, tuple[str, set[tuple[str, str]]]]] = defaultdict(dict)
    for file in (data_dir / "objects" / "results" / "color").rglob("*.json"):
        analysis = json.loads(file.read_text(encoding="utf-8"))
        worn = {
            (garment["category"], max(garment["colors"], key=lambda color: color["share"])["basic"])
            for garment in analysis["garments"]
            if garment["colors"]
        }
        photo_id, source = analysis["photo_id"], analysis["source"]
        if photo_id != analysis["look_id"] or not worn:
            continue
        posted = datetime.fromisoformat(analysis["posted_at"]).astimezone(UTC).date()
        week = (posted - timedelta(days=posted.weekday())).isoformat()
        style = drawn_style(analysis["styles"], photo_id)
        looks[week, source, analysis["author"] or photo_id][photo_id] = (style, worn)
    counts: Counter[tuple[str, str, str, str, str]] = Counter()
    for (week, source, _), authors in looks.items():
        for photo_id in sorted(authors)[:AUTHOR_CAP]:
            style, worn = authors[photo_id]
            counts.update((week, item, color, style, source) for item, color in worn)
    return dict(counts)


def drawn_style(styles: dict[str, float], photo_id: str) -> str:
    """Return the style that a photo's hash draws by the probabilities."""
    lot = int(photo_id[-12:], 16) / 16**12 * sum(styles.values())
    for style in sorted(styles):
        lot -= styles[style]
        if lot < 0:
            return style
    return "unknown"


def shown(trends: dict[str, Any]) -> Counts:
    """Return the counts of ``mapsi trends --json --by item,color,style,source``."""
    return {
        (week, row["item"], row["color"], row["style"], row["source"]): looks
        for row in trends["rows"]
        for week, looks in zip(trends["weeks"], row["looks"], strict=True)
        if looks
    }
