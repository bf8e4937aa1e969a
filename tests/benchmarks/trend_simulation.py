"""How many planted rises are found, and how many false ones, in made-up markets.

``python -m tests.benchmarks.trend_simulation --seeds 24`` prints a line for each market of 100,000
posts and the sums. The thresholds were chosen on seeds 100 to 111, the test of authors and the
weeks compared with on seeds 1000 to 1299; the default seeds are others.
"""

from __future__ import annotations

import argparse
from collections import Counter

from rich.console import Console
from rich.table import Table

from tests.samples.market import POSTS
from tests.samples.market_verdicts import judge


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=24)
    options = parser.parse_args()
    table = Table("seed", "rises found", "false", "false ones had", "falls", "false", "seasons",
                  "false", title=f"Markets of {POSTS:,} posts")  # fmt: skip
    verdicts = []
    for seed in range(options.first, options.first + options.seeds):
        verdict = judge(seed)
        verdicts.append(verdict)
        table.add_row(
            str(seed),
            f"{verdict.hits}/{verdict.planted}",
            f"{sum(verdict.false.values())}/{verdict.found}",
            ", ".join(f"{kind} {number}" for kind, number in sorted(verdict.false.items())),
            f"{verdict.fall_hits}/{verdict.falls}",
            str(verdict.false_falls),
            f"{verdict.season_hits}/{verdict.seasons}",
            str(verdict.false_seasons),
        )
    hits, planted = sum(v.hits for v in verdicts), sum(v.planted for v in verdicts)
    false, found = sum(sum(v.false.values()) for v in verdicts), sum(v.found for v in verdicts)
    kinds = sum((v.false for v in verdicts), Counter())
    table.add_section()
    table.add_row(
        "all",
        f"{hits}/{planted} = {hits / planted:.1%}",
        f"{false}/{found} = {false / found:.1%}",
        ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())),
        f"{sum(v.fall_hits for v in verdicts)}/{sum(v.falls for v in verdicts)}",
        str(sum(v.false_falls for v in verdicts)),
        f"{sum(v.season_hits for v in verdicts)}/{sum(v.seasons for v in verdicts)}",
        str(sum(v.false_seasons for v in verdicts)),
    )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
