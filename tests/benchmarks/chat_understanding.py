"""How long one message takes to understand: `python tests/benchmarks/chat_understanding.py`.

Reads the labelled sentences several times over on one thread and prints the median and the 99th
percentile of the processor's time in microseconds, by language; then the time and the memory that
the reader costs to load, and a
long message.
"""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from services.gateway.chat.understanding.reader import Reader

DATA = Path(__file__).parents[1] / "data" / "chat" / "tune.jsonl"
ROUNDS = 5


def main() -> None:
    """Measure and print."""
    before = _resident()
    started = time.perf_counter()
    reader = Reader()
    _understand(reader, {"text": "데이트룩 추천해 줘"})
    print(f"load {time.perf_counter() - started:.1f} s, {_resident() - before:.0f} MB resident")
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        _understand(reader, row)
    for language in ("ko", "en"):
        chosen = [row for row in rows if row["language"] == language]
        spent = [_timed(reader, row) for _ in range(ROUNDS) for row in chosen]
        _tell(language, np.array(spent) * 1e6)
    for name, text in (("ko", "치마 말고 바지로 추천해 주세요. "), ("en", "no red dress. ")):
        long = (text * 1000)[:10_000]
        _tell(f"{name}, 10,000 characters", np.array([_timed(reader, {"text": long})] * 3) * 1e6)


def _timed(reader: Reader, row: dict[str, Any]) -> float:
    started = time.thread_time()
    _understand(reader, row)
    return time.thread_time() - started


def _understand(reader: Reader, row: dict[str, Any]) -> None:
    reader.understand(
        row["text"],
        asked=row.get("asked"),
        look_shown=row.get("look", False),
        today=date(2026, 11, 22),
        language="ko",
    )


def _tell(name: str, spent: np.ndarray[Any, Any]) -> None:
    median, late = np.percentile(spent, (50, 99))
    print(f"{name}: median {median:.0f} µs, p99 {late:.0f} µs, {len(spent)} messages")


def _resident() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
