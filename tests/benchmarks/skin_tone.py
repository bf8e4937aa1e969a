"""Whether garments are found alike on people of every skin tone, as far as pictures allow.

``python -m tests.benchmarks.skin_tone`` counts, by Fitzpatrick group, on the synthetic people of
the package openpeople: the share of full-length pictures where a garment above the waist, and one
below it, is reported (a dress is both), garments a picture, and their mean score. Ten people are
far too few for a verdict: a gap would be a warning, no gap is no proof. What they wear differs too:
in some groups more of them wear shorts.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import mean

from openpeople import curated
from openpeople.io import get_curated_dir
from rich.console import Console
from rich.table import Table

from services.segmentation.model import open_segmenter
from services.segmentation.settings import SegmentationSettings
from shared.contracts.garments import Garment
from shared.contracts.vocabulary import FAMILY_OF
from shared.imaging import decode
from shared.settings import read

PICTURES = ("studio_posture.jpg", "amateur_posture.jpg")
NUMBERS = ("I", "II", "III", "IV", "V", "VI")
ABOVE = {"top", "outer", "dress"}
BELOW = {"trousers", "shorts", "skirt", "dress"}


def group_of(skin_tone: str) -> str:
    """Return the group of a label such as ``Fitzpatrick IV``."""
    number = NUMBERS.index(skin_tone.removeprefix("Fitzpatrick ")) // 2
    return f"{NUMBERS[2 * number]} and {NUMBERS[2 * number + 1]}"


def share_with(families: set[str], answers: list[tuple[Garment, ...]]) -> str:
    """Return the share of answers with a garment of one of the families."""
    return f"{mean(any(FAMILY_OF[one.category] in families for one in a) for a in answers):.2f}"


def main() -> None:
    """Count and print."""
    segmenter = open_segmenter(read(SegmentationSettings))
    found: dict[str, list[tuple[Garment, ...]]] = defaultdict(list)
    people: dict[str, set[str]] = defaultdict(set)
    root = Path(get_curated_dir())
    for person in curated.list():
        group = group_of(person.demographics.skin_tone)
        people[group].add(person.person_id)
        for name in PICTURES:
            path = root / person.person_id / "assets" / name
            pixels = decode(path.read_bytes(), name=name).pixels
            found[group] += segmenter.predict([pixels])
    title = f"{segmenter.reference.name} {segmenter.reference.version} at {segmenter.threshold}"
    table = Table(
        "Fitzpatrick",
        "people",
        "pictures",
        "above the waist",
        "below it",
        "garments",
        "mean score",
        title=title,
    )
    for group in sorted(found, key=lambda name: NUMBERS.index(name.split()[0])):
        answers = found[group]
        scores = [garment.score for garments in answers for garment in garments]
        table.add_row(
            group,
            str(len(people[group])),
            str(len(answers)),
            share_with(ABOVE, answers),
            share_with(BELOW, answers),
            f"{mean(map(len, answers)):.2f}",
            f"{mean(scores):.2f}" if scores else "",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
