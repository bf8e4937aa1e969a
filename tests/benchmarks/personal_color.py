"""How steady and how even the personal colour of a photo is: tables.

    python -m tests.benchmarks.personal_color [FOLDER]

On the made-up people of the package openpeople, by Fitzpatrick label: how often a photo is refused
and why, whether other photos of the same person say the same, what simulated light does to the
answer, and whether darker skin is called autumn or winter more often. Nobody knows anybody's true
season: none of this is accuracy. With a FOLDER of photos it prints the hue and chroma of the faces
in them by ITA, to hold the curves of what is usual against.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path
from statistics import mean

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from services.gateway.personal_color.domain import Judgement, Seasons, Skin, leads, likeliest
from services.gateway.personal_color.face_map import SKIN, draw_map, region
from services.gateway.personal_color.light import read_cast
from services.gateway.personal_color.photo import SURE, from_photo
from services.gateway.personal_color.undertone import typology_angle, usual_chroma, usual_hue
from shared.contracts.vocabulary import SEASONS
from shared.faces import Face, open_finder
from shared.imaging import Pixels, decode
from shared.lab import LINEAR, lab_to_lch, linear_to_lab
from tests.samples import selfies

Change = Callable[[Pixels, Face], Pixels]
GROUPS = ("II", "III", "IV", "V")
MILD: dict[str, Change] = {
    "exposure +1 stop": lambda photo, _: selfies.exposed(photo, 1),
    "exposure +0.5 stop": lambda photo, _: selfies.exposed(photo, 0.5),
    "exposure -1 stop": lambda photo, _: selfies.exposed(photo, -1),
    "light +0.2 warm": lambda photo, _: selfies.tinted(photo, warm=0.2),
    "light -0.2 warm": lambda photo, _: selfies.tinted(photo, warm=-0.2),
    "light +0.1 magenta": lambda photo, _: selfies.tinted(photo, magenta=0.1),
    "light -0.1 magenta": lambda photo, _: selfies.tinted(photo, magenta=-0.1),
    "JPEG quality 30": lambda photo, _: selfies.compressed(photo),
}
STRONG: dict[str, Change] = {
    "light +0.8 warm": lambda photo, _: selfies.tinted(photo, warm=0.8),
    "light -0.8 warm": lambda photo, _: selfies.tinted(photo, warm=-0.8),
    "light +0.4 magenta": lambda photo, _: selfies.tinted(photo, magenta=0.4),
    "light -0.4 magenta": lambda photo, _: selfies.tinted(photo, magenta=-0.4),
    "exposure +3 stops": lambda photo, _: selfies.exposed(photo, 3),
    "exposure -5 stops": lambda photo, _: selfies.exposed(photo, -5),
    "one cheek 2 stops darker": lambda photo, face: selfies.lit_from_the_side(photo, face, 2),
    "black and white": lambda photo, _: selfies.grayed(photo),
    "skin smoothed": selfies.smoothed,
}
CLOSE_UP = ("amateur_selfie", "studio_portrait")
FAR, NEAR = 1280, 960
"""Pixels of the longer side at which photos are looked at."""
MELANIN = (0.0, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True)
class Shot:
    """One photo that was looked at."""

    person: str
    group: str
    name: str
    face: Face | None
    judged: Judgement


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, path_type=Path))
def main(folder: Path | None) -> None:
    """Look at the photos and print."""
    console = Console(width=130)
    if folder is not None:
        console.print(usual(folder))
        return
    shots = [look(person, name) for person in selfies.everybody() for name in selfies.ALONE]
    sheets = [look(person, name) for person in selfies.everybody() for name in selfies.SHEETS]
    console.print(refusals(shots + sheets))
    console.print(same_person(shots))
    near = [look(person, name, side=NEAR) for person in selfies.everybody() for name in CLOSE_UP]
    good = [shot for shot in near if shot.judged.seasons]
    console.print(mild(good))
    console.print(strong(good))
    console.print(darker(good))


def look(person: selfies.Person, name: str, *, side: int = FAR) -> Shot:
    """Judge a photo as it is."""
    photo = selfies.open_selfie(person.name, name, side=side)
    found = open_finder().faces(photo)
    judged = from_photo(photo, finder=open_finder())
    return Shot(person.name, person.fitzpatrick, name, found[0] if found else None, judged)


def again(shot: Shot, change: Change) -> Judgement:
    """Judge a changed close-up."""
    assert shot.face is not None
    photo = change(selfies.open_selfie(shot.person, shot.name, side=NEAR), shot.face)
    return from_photo(photo, finder=open_finder())


def apart(one: Seasons, other: Seasons) -> float:
    """Return the total variation distance, 0 to 1."""
    return sum(abs(one[name] - other[name]) for name in SEASONS) / 2


def told(judged: Judgement) -> Seasons:
    """Return the probabilities of a photo that was not refused."""
    assert judged.seasons is not None
    return judged.seasons


def contradict(one: Seasons, other: Seasons) -> bool:
    """Tell whether two answers name different seasons, both as clearly leading."""
    return leads(one) and leads(other) and likeliest(one) != likeliest(other)


def refusals(shots: Sequence[Shot]) -> Table:
    """Count refused photos by label and kind of photo."""
    names = (*selfies.ALONE, *selfies.SHEETS)
    table = Table("Fitzpatrick label", "people", *names, "why", title="refused photos")
    for group in (*GROUPS, "all"):
        of = [shot for shot in shots if group in (shot.group, "all")]
        why = Counter(
            shot.judged.reason.code
            for shot in of
            if shot.judged.reason and shot.name in selfies.ALONE
        )
        cells = []
        for name in names:
            some = [shot for shot in of if shot.name == name]
            cells.append(f"{sum(shot.judged.seasons is None for shot in some)}/{len(some)}")
        reasons = ", ".join(f"{code} {count}" for code, count in why.most_common())
        table.add_row(group, str(len({shot.person for shot in of})), *cells, reasons)
    return table


def same_person(shots: Sequence[Shot]) -> Table:
    """Compare the photos of one person, and of two."""
    table = Table(
        "Fitzpatrick label", "pairs", "distance", "same top", "contradictions", "degrees of hue",
        "mean top",
        title="two photos of the same person (total variation distance)",
    )  # fmt: skip
    good = [shot for shot in shots if shot.judged.seasons]
    pairs = list(combinations(good, 2))
    for group in (*GROUPS, "all"):
        of = [p for p in pairs if p[0].person == p[1].person and group in (p[0].group, "all")]
        table.add_row(group, *_compared(of))
    strangers = [p for p in pairs if p[0].person != p[1].person]
    table.add_row("two people", *_compared(strangers))
    return table


def _compared(pairs: Sequence[tuple[Shot, Shot]]) -> list[str]:
    both = [(told(one.judged), told(other.judged)) for one, other in pairs]
    hues = [abs(_skin(one.judged).hue - _skin(other.judged).hue) for one, other in pairs]
    return [
        str(len(both)),
        f"{mean(apart(*pair) for pair in both):.2f}",
        f"{mean(likeliest(one) == likeliest(other) for one, other in both):.2f}",
        f"{sum(contradict(one, other) for one, other in both)}",
        f"{mean(hues):.1f}",
        f"{mean(max(one.values()) for pair in both for one in pair):.2f}",
    ]


def _skin(judged: Judgement) -> Skin:
    assert judged.skin is not None
    return judged.skin


def mild(shots: Sequence[Shot]) -> Table:
    """Tell what light that a photo may have does: refused, flipped, moved."""
    table = Table(
        "change", "judged before", "refused now", "top flipped", "contradictions", "distance",
        *(f"flips {group}" for group in GROUPS),
        title="close-ups under simulated light, mild",
    )  # fmt: skip
    for name, change in MILD.items():
        now = [again(shot, change) for shot in shots]
        pairs = [
            (shot.group, told(shot.judged), judged.seasons)
            for shot, judged in zip(shots, now, strict=True)
            if judged.seasons
        ]
        flips: defaultdict[str, list[bool]] = defaultdict(list)
        for group, one, other in pairs:
            flips[group].append(likeliest(one) != likeliest(other))
        table.add_row(
            name, str(len(shots)), str(len(shots) - len(pairs)),
            f"{sum(map(sum, flips.values()))}/{len(pairs)}",
            str(sum(contradict(one, other) for _, one, other in pairs)),
            f"{mean(apart(one, other) for _, one, other in pairs):.2f}" if pairs else "",
            *(f"{sum(flips[group])}/{len(flips[group])}" for group in GROUPS),
        )  # fmt: skip
    return table


def strong(shots: Sequence[Shot]) -> Table:
    """Tell whether what must be refused is."""
    table = Table(
        "change", "judged before", "refused now", *(f"refused {group}" for group in GROUPS), "why",
        title="close-ups under light and filters that must be refused",
    )  # fmt: skip
    for name, change in STRONG.items():
        now = [(shot.group, again(shot, change)) for shot in shots]
        why = Counter(judged.reason.code for _, judged in now if judged.reason)
        refused = {group: [j.reason is not None for g, j in now if g == group] for group in GROUPS}
        table.add_row(
            name, str(len(now)), str(why.total()),
            *(f"{sum(refused[group])}/{len(refused[group])}" for group in GROUPS),
            ", ".join(f"{code} {count}" for code, count in why.most_common()),
        )  # fmt: skip
    return table


def darker(shots: Sequence[Shot]) -> Table:
    """Tell what more melanin in the same faces does to the answer."""
    table = Table(
        "melanin added", "judged", "refused", "median ITA", "median hue", "usual hue", "warm",
        *SEASONS, "autumn or winter",
        title="close-ups with darker skin (simulated): mean probabilities",
    )  # fmt: skip
    for amount in MELANIN:
        now = [again(shot, partial(selfies.darkened, melanin=amount)) for shot in shots]
        kept = [judged for judged in now if judged.seasons]
        means = {name: mean(told(judged)[name] for judged in kept) for name in SEASONS}
        skins = [_skin(judged) for judged in kept]
        table.add_row(
            f"{amount:.1f}", str(len(kept)), str(len(now) - len(kept)),
            f"{np.median([skin.ita for skin in skins]):.0f}",
            f"{np.median([skin.hue for skin in skins]):.1f}",
            f"{np.median([skin.usual_hue for skin in skins]):.1f}",
            f"{means['spring'] + means['autumn']:.2f}",
            *(f"{means[name]:.2f}" for name in SEASONS),
            f"{means['autumn'] + means['winter']:.2f}",
        )  # fmt: skip
    return table


def usual(folder: Path) -> Table:
    """Tell hue and chroma of the surest face of each photo, by ITA, beside our curves."""
    table = Table(
        "ITA", "faces", "hue 16-50-84 %", "usual hue", "C/(L+16) 16-50-84 %", "usual",
        title="faces of a folder",
    )  # fmt: skip
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".png"))
    read = np.array([row for path in paths for row in _read(path)])
    for low in range(-60, 80, 20):
        some = read[(read[:, 0] >= low) & (read[:, 0] < low + 20)]
        if len(some) < 10:
            continue
        hue, chroma = (np.percentile(some[:, column], (16, 50, 84)) for column in (1, 2))
        middle = low + 10.0
        table.add_row(
            f"{low} to {low + 20}", str(len(some)), "  ".join(f"{value:.1f}" for value in hue),
            f"{usual_hue(middle):.1f}", "  ".join(f"{value:.3f}" for value in chroma),
            f"{usual_chroma(middle, 0) / 16:.3f}",
        )  # fmt: skip
    return table


def _read(path: Path) -> list[tuple[float, float, float]]:
    pixels = decode(path.read_bytes(), name=path.name).pixels
    sure = [face for face in open_finder().faces(pixels) if face.score >= SURE]
    if not sure:
        return []
    gains = read_cast(pixels, sure[0].box).gains
    lab = linear_to_lab(np.clip(LINEAR[draw_map(pixels, sure[0])] * gains, 0, 1))
    middle = np.mean([np.median(lab[region(name)], axis=0) for name in SKIN], axis=0)
    lightness, chroma, hue = lab_to_lch(middle)
    return [(typology_angle(lightness, middle[2]), hue, chroma / (lightness + 16))]


if __name__ == "__main__":
    main()
