"""The outlines of the made-up garments, laid flat: on a page 100 wide and 125 high.

A part is a closed outline of one piece of cloth; parts are listed from the back to the front.
Where a garment is symmetric only its right half is given, from the top of the middle downwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

Point = tuple[float, float]
Role = Literal["cloth", "inside", "rib", "dark", "trim"]
MIDDLE: Final = 50.0
_SMALL: Final = 1.2


@dataclass(frozen=True)
class Part:
    """A piece of cloth; ``turn``: degrees by which its thread runs askew."""

    outline: tuple[Point, ...]
    role: Role = "cloth"
    turn: float = 0.0
    pleats: int = 0


@dataclass(frozen=True)
class Shape:
    """A garment: its parts, seams as lines, and buttons."""

    parts: tuple[Part, ...]
    seams: tuple[tuple[Point, ...], ...] = ()
    stitches: tuple[tuple[Point, ...], ...] = ()
    buttons: tuple[Point, ...] = ()
    prints: Point | None = None
    """The middle of a chest print."""
    stripes: Literal["across", "down"] = "across"
    fold: float = 1.0
    """How deep its folds are."""
    largest: float = 1.7
    """How many times larger it may be laid, to fill the page."""


def whole(half: Sequence[Point]) -> tuple[Point, ...]:
    """Return the outline whose right half is given, as offsets from the middle."""
    right = [(MIDDLE + x, y) for x, y in half]
    left = [(MIDDLE - x, y) for x, y in reversed(half)]
    return tuple(right + left)


def both(half: Sequence[Point], *, role: Role = "cloth", turn: float = 0.0) -> tuple[Part, Part]:
    """Return a part on the right and its mirror image on the left."""
    right = tuple((MIDDLE + x, y) for x, y in half)
    left = tuple((MIDDLE - x, y) for x, y in half)
    return Part(left, role, -turn), Part(right, role, turn)


def lines(half: Sequence[Point]) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Return a line on the right and its mirror image."""
    return tuple((MIDDLE + x, y) for x, y in half), tuple((MIDDLE - x, y) for x, y in half)


SHORT_SLEEVE: Final = [(18.5, 20.5), (27, 24), (40, 38), (32.5, 46.5), (23, 39), (21, 30)]
PUFF_SLEEVE: Final = [(18, 21), (28, 21), (37, 32), (37, 44), (26, 47), (22, 42), (20, 30)]
LONG_SLEEVE: Final = [
    (19, 21), (26, 25), (31, 42), (36, 70), (39, 96), (31, 98), (27, 72), (23, 48), (21, 32),
]  # fmt: skip


def _torso(hem: float, *, neck: float = 9, waist: float = 22, flare: float = 23) -> list[Point]:
    return [
        (0, 24), (neck * 0.6, 22.5), (neck, 18.5), (20, 22), (22.5, 30), (22, 44), (waist, 66),
        (flare, hem - 1), (flare * 0.5, hem), (0, hem),
    ]  # fmt: skip


def _neck(depth: float = 24, wide: float = 9) -> Part:
    back = [(0, 17.5), (wide * 0.7, 17.5), (wide, 18.5), (wide * 0.7, depth - 1), (0, depth + 1)]
    return Part(whole(back), "inside")


def _collar_rib(wide: float = 9, drop: float = 24) -> Part:
    return Part(
        whole([(0, drop - 1.5), (wide * 0.55, drop - 3), (wide - 1, 18.7), (wide + 0.8, 18.2),
               (wide * 0.7, drop), (0, drop + 1.6)]), "rib",
    )  # fmt: skip


def _top(
    sleeve: Sequence[Point], *, hem: float = 92, cuff: bool = False, wide: float = 23
) -> Shape:
    cuffs = both([(39.4, 92), (39.8, 97), (30.8, 99), (30.3, 94)], role="rib") if cuff else ()
    bottom = (Part(whole([(0, hem - 5), (wide, hem - 6), (wide - 0.5, hem), (0, hem + 0.6)]),
                   "rib"),) if cuff else ()  # fmt: skip
    return Shape(
        parts=(
            *both(sleeve, turn=28 if len(sleeve) < 8 else 14),
            _neck(),
            Part(whole(_torso(hem, flare=wide))),
            *bottom,
            *cuffs,
            _collar_rib(),
        ),
        seams=(*lines([(20, 22), (22.3, 30), (22.2, 44)]),),
        stitches=() if cuff else (whole([(0, hem - 2), (wide - 0.4, hem - 3)])[:2],),
        prints=(50, 48),
    )


def _polo(hem: float = 92) -> Shape:
    tee = _top(SHORT_SLEEVE, hem=hem)
    placket = Part(whole([(0, 22), (2.4, 22), (2.4, 42), (0, 42)]), "trim")
    collar = both([(1, 25), (3, 19), (9.5, 16.5), (12, 20), (7, 30)], role="trim")
    return Shape(
        parts=(*tee.parts[:-1], placket, *collar), seams=tee.seams, stitches=tee.stitches,
        buttons=((50, 30), (50, 36)),
    )  # fmt: skip


def _shirt(sleeve: Sequence[Point], *, hem: float = 95) -> Shape:
    body = _torso(hem, waist=22, flare=23)
    placket = Part(whole([(0, 24), (1.9, 24), (1.9, hem), (0, hem)]), "trim")
    collar = both([(0.4, 25), (3, 19), (9.5, 16), (13, 21), (8, 32)], role="trim")
    cuffs = (
        both([(38.2, 90), (39.6, 97), (31, 99), (30, 92)], role="trim") if len(sleeve) > 8 else ()
    )
    buttons = tuple((50.0, 30 + step * 10.5) for step in range(int((hem - 32) / 10.5) + 1))
    pocket = ((57, 40), (66, 40), (66, 50), (61.5, 52), (57, 50), (57, 40))
    return Shape(
        parts=(
            *both(sleeve, turn=28 if len(sleeve) < 8 else 14), _neck(26, 9), Part(whole(body)),
            placket, *cuffs, *collar,
        ),
        seams=(*lines([(20, 22), (22.3, 30), (22.2, 44)]),),
        stitches=(pocket, *lines([(1.9, 26), (1.9, hem)])),
        buttons=buttons, stripes="down",
    )  # fmt: skip


def _blouse(sleeve: Sequence[Point]) -> Shape:
    body = [
        (0, 31), (5, 26), (9, 18.5), (19, 21), (22, 30), (21, 44), (19, 64), (24, 90), (10, 92),
        (0, 91),
    ]  # fmt: skip
    cuffs = both([(37.6, 91), (39.2, 97), (31.4, 99), (30.6, 93)], role="trim")
    tie = Part(((47, 27), (53, 27), (56, 52), (51.5, 54), (50, 34), (48, 50), (44, 48)), "trim")
    return Shape(
        parts=(
            *both(sleeve, turn=18), _neck(30, 9), Part(whole(body)),
            *(cuffs if len(sleeve) > 8 else ()), tie,
        ),
        seams=(*lines([(19, 21), (22, 30), (21.4, 44)]),), fold=1.5,
    )  # fmt: skip


def _turtleneck() -> Shape:
    knit = _top(LONG_SLEEVE, cuff=True)
    neck = Part(
        whole([(0, 9), (8, 9.5), (9.5, 14), (9.6, 20), (6, 23), (0, 24)]), "rib",
    )  # fmt: skip
    return Shape(parts=(*knit.parts[:-1], neck), seams=knit.seams)


def _front(
    sleeve: Sequence[Point], *, hem: float, gap: float = 3.5, flare: float = 24, lapel: float = 0,
    collar: bool = False, rib: bool = False, zipped: bool = False, pockets: float = 0,
) -> Shape:  # fmt: skip
    """Return a jacket: two fronts that open a little on a dark inside."""
    inside = Part(whole([(0, 17), (9, 18), (10, 40), (gap + 2, hem - 1), (0, hem - 1)]), "inside")
    front = both(
        [(9, 18), (20, 21.5), (23, 31), (22.5, 46), (flare - 1, hem * 0.72), (flare, hem - 1),
         (gap, hem), (gap * 0.7, 54), (2 if not lapel else 1, 46)]
    )  # fmt: skip
    parts: list[Part] = [*both(sleeve, turn=28 if len(sleeve) < 8 else 14), inside, *front]
    if lapel:
        parts += both([(9, 17), (13, 21), (12, 31), (15, 33), (2, lapel), (4, 34), (6, 22)],
                      role="trim")  # fmt: skip
    if collar:
        parts += both([(1.5, 27), (3, 19), (9.5, 15.5), (13.5, 21), (8, 33)], role="trim")
    if rib:
        parts += both([(flare - 0.2, hem - 6), (flare - 1, hem), (gap, hem + 1), (gap, hem - 5)],
                      role="rib")  # fmt: skip
        if len(sleeve) > 8:
            parts += both([(39.2, 91), (39.6, 97), (31, 99), (30.3, 93)], role="rib")
    seams = [*lines([(20, 22), (22.8, 31), (22.4, 46)]), *lines([(gap * 0.8, 50), (gap, hem)])]
    stitches: list[tuple[Point, ...]] = []
    if pockets:
        stitches += lines([(8, pockets), (19, pockets), (19, pockets + 3), (8, pockets + 3),
                           (8, pockets)])  # fmt: skip
    if zipped:
        stitches += [((50, 30), (50, hem))]
    first = (lapel or 34) + 4
    buttons = () if zipped else tuple(
        (50 + gap + 2.2, first + step * 11) for step in range(max(1, int((hem - first - 8) / 11)))
    )  # fmt: skip
    return Shape(
        tuple(parts), tuple(seams), tuple(stitches), buttons if not zipped else (), stripes="down"
    )


def _tank(hem: float = 90) -> Shape:
    body = [
        (0, 33), (6, 29), (9, 17), (14, 17), (13.5, 32), (16, 41), (22, 47), (20.5, 64),
        (21.5, hem), (10, hem + 0.5), (0, hem + 0.5),
    ]  # fmt: skip
    back = [(0, 23), (6, 22), (9, 17), (12, 17), (11, 28), (7, 35), (0, 37)]
    return Shape(
        (Part(whole(back), "inside"), Part(whole(body))),
        stitches=(whole([(0, hem - 2), (21, hem - 2.4)])[:2],),
    )


def _knit_vest() -> Shape:
    body = [
        (0, 46), (4, 36), (9, 18), (18, 21), (17, 33), (22, 46), (21.5, 66), (22, 90), (0, 91),
    ]  # fmt: skip
    rim = both([(0, 44), (8, 18.4), (10.5, 18), (3, 44), (0, 49)], role="rib")
    hem = Part(whole([(0, 85), (22, 84), (22, 90.5), (0, 91.5)]), "rib")
    arms = both([(18, 21), (16.4, 33), (21.6, 47), (23.2, 45), (18.8, 32), (19.6, 21.6)],
                role="rib")  # fmt: skip
    back = Part(whole([(0, 17.5), (9, 18), (12, 22), (8, 40), (0, 52)]), "inside")
    return Shape((back, Part(whole(body)), hem, *rim, *arms))


def _camisole(hem: float = 88) -> Shape:
    straps = both([(10.6, 16), (11.8, 16), (13.4, 37), (12, 38)], role="trim")
    body = [
        (0, 41), (5, 38), (12.5, 34.5), (17, 39), (19.5, 48), (18.5, 64), (21, hem), (10, hem + 1),
        (0, hem + 1),
    ]  # fmt: skip
    back = Part(whole([(0, 40), (12, 37), (17, 41), (0, 46)]), "inside")
    return Shape((*straps, back, Part(whole(body))), fold=1.4)


def _legs(
    hem: float, outer: float, inner: float, *, knee: float | None = None, crotch: float = 46
) -> list[Point]:
    mid = knee if knee is not None else (outer + 19) / 2
    return [
        (0, 14), (15.5, 13), (17, 22), (19, 36), (mid, (hem + 40) / 2), (outer, hem),
        (inner, hem + 0.8), (2.2, (hem + crotch) / 2), (0.6, crotch), (0, crotch - 1),
    ]  # fmt: skip


def _trousers(hem: float, outer: float, inner: float, *, cuffs: bool = False,
              pressed: bool = False, crotch: float = 46) -> Shape:  # fmt: skip
    legs = both(_legs(hem, outer, inner, crotch=crotch), turn=2)
    band = Part(whole([(0, 9.5), (15, 9), (15.8, 14.5), (0, 15.5)]), "rib" if cuffs else "trim")
    ends = both([(outer + 0.4, hem - 4), (outer - 0.5, hem + 1.5), (inner + 0.5, hem + 1.8),
                 (inner - 0.4, hem - 3.5)], role="rib") if cuffs else ()  # fmt: skip
    press = lines([(8.5, 24), ((outer + inner) / 2, hem - 2)]) if pressed else ()
    fly = ((50.0, 15.0), (50.0, crotch - 1.0))
    return Shape(
        parts=(*legs, band, *ends),
        seams=(fly, *press),
        stitches=(
            *lines([(8, 15.5), (11, 22), (17, 26)]), ((53.5, 15), (53.2, 30), (50, 34)),
            *(() if cuffs else lines([(outer - 0.3, hem - 2), (inner, hem - 1.4)])),
        ),
        buttons=() if cuffs else ((50, 12.2),), stripes="down",
    )  # fmt: skip


def _skirt(hem: float, flare: float, *, waist: float = 14, pleats: int = 0) -> Shape:
    middle = (waist + (flare - waist) * 0.5, (hem + 24) / 2)
    body = [(0, 22), (waist, 21.5), middle, (flare, hem - 3),
            (flare * 0.6, hem - 0.6), (0, hem)]  # fmt: skip
    band = Part(whole([(0, 17), (waist - 0.4, 16.6), (waist + 0.2, 22), (0, 23)]), "trim")
    return Shape(
        (Part(whole(body), pleats=pleats), band),
        seams=() if pleats else (*lines([(waist * 0.5, 23), (waist * 0.62, 36)]),),
        stitches=(whole([(0, hem - 2), (flare - 0.5, hem - 5)])[:2],) if not pleats else (),
        fold=1.2, stripes="down",
    )  # fmt: skip


def _dress(
    sleeve: Sequence[Point] | None, *, hem: float = 116, flare: float = 34, waist: float = 16,
    collar: bool = False, buttons: bool = False, knit: bool = False, pleats: int = 0,
) -> Shape:  # fmt: skip
    edge = [(18, 20), (20.5, 28), (19.5, 42)] if sleeve else [(15, 17.5), (15.5, 28), (19.5, 41)]
    body = [
        (0, 25), (6, 23), (8.5, 17.5), *edge, (waist, 58), (waist + (flare - waist) * 0.55, 86),
        (flare, hem - 2), (flare * 0.5, hem), (0, hem + 0.5),
    ]  # fmt: skip
    parts: list[Part] = []
    if sleeve:
        narrow = [(x - 1.5, y - 1) for x, y in sleeve]
        parts += both(narrow, turn=24 if len(sleeve) < 8 else 13)
    parts += [_neck(25, 8.5), Part(whole(body), pleats=pleats)]
    if collar:
        parts += both([(0.5, 25), (3, 19), (9, 15.5), (12.5, 20.5), (7.5, 31)], role="trim")
    else:
        parts.append(_collar_rib(8.5, 24.5))
    waistline = whole([(0, 59), (waist, 58)])
    return Shape(
        tuple(parts), seams=(() if knit else (waistline,)),
        stitches=(((50.0, 26.0), (50.0, hem)),) if buttons else (), fold=1.3,
        buttons=tuple((50.0, 32.0 + 11 * n) for n in range(7)) if buttons else (),
        stripes="across",
    )  # fmt: skip


def _slip(hem: float = 114) -> Shape:
    straps = both([(10.2, 9), (11.2, 9), (12.8, 31), (11.6, 32)], role="trim")
    body = [
        (0, 36), (5, 33), (12, 28.5), (16.5, 33), (18.5, 43), (16, 58), (22, 86), (27, hem - 2),
        (13, hem), (0, hem + 0.5),
    ]  # fmt: skip
    back = Part(whole([(0, 33), (12, 31), (16, 36), (0, 40)]), "inside")
    return Shape((*straps, back, Part(whole(body))), fold=1.6)


CUTS: Final[dict[str, Callable[[str], Shape]]] = {
    "tee": lambda c: _top(SHORT_SLEEVE if c.startswith("short") else LONG_SLEEVE),
    "polo": lambda c: _polo(),
    "shirt": lambda c: _shirt(SHORT_SLEEVE if c.startswith("short") else LONG_SLEEVE),
    "blouse": lambda c: _blouse(PUFF_SLEEVE if c.startswith("short") else LONG_SLEEVE),
    "sweatshirt": lambda c: _top(LONG_SLEEVE, cuff=True, wide=25),
    "knit": lambda c: _top(LONG_SLEEVE, cuff=True, hem=89, wide=23),
    "turtleneck": lambda c: _turtleneck(),
    "jacket": lambda c: _front(SHORT_SLEEVE, hem=84, collar=True, pockets=62),
    "cardigan": lambda c: _front(
        SHORT_SLEEVE if c.startswith("short") else LONG_SLEEVE, hem=88, rib=True, gap=2.5
    ),
    "blazer": lambda c: _front(LONG_SLEEVE, hem=96, lapel=58, pockets=72, flare=25),
    "denim_jacket": lambda c: _front(LONG_SLEEVE, hem=84, collar=True, gap=2.5, pockets=42),
    "zip_jacket": lambda c: _front(LONG_SLEEVE, hem=86, rib=True, gap=1.8, zipped=True, collar=True,
                                   pockets=66),
    "coat": lambda c: _front(LONG_SLEEVE, hem=118, lapel=52, pockets=76, flare=29),
    "trench": lambda c: _front(LONG_SLEEVE, hem=117, lapel=48, collar=True, pockets=78, flare=30),
    "tank": lambda c: replace(_tank(82), largest=_SMALL),
    "knit_vest": lambda c: replace(_knit_vest(), largest=_SMALL),
    "camisole": lambda c: _camisole(),
    "shorts": lambda c: _trousers(56, 22.5, 1.8, crotch=39),
    "straight": lambda c: _trousers(117, 16, 4.5),
    "wide": lambda c: _trousers(117, 23, 4.5, pressed=True, crotch=42),
    "slim": lambda c: _trousers(117, 12.5, 4.6, pressed=True),
    "jogger": lambda c: _trousers(113, 13, 5, cuffs=True),
    "a_line": lambda c: _skirt(66, 28),
    "pencil": lambda c: _skirt(78, 18, waist=14.5),
    "pleated": lambda c: _skirt(72, 31, pleats=13),
    "tee_dress": lambda c: _dress(SHORT_SLEEVE, hem=106, flare=24, waist=19, knit=True),
    "flare_dress": lambda c: _dress(
        SHORT_SLEEVE if c.startswith("short") else LONG_SLEEVE, pleats=0
    ),
    "shirt_dress": lambda c: _dress(LONG_SLEEVE, flare=27, waist=18, collar=True, buttons=True),
    "knit_dress": lambda c: _dress(LONG_SLEEVE, flare=22, waist=18, knit=True, hem=112),
    "flare_sleeveless": lambda c: _dress(None),
    "slip_dress": lambda c: _slip(),
}  # fmt: skip
"""Each cut by the article's category: short or long sleeves."""


def shape_of(cut: str, category: str) -> Shape:
    """Return the outlines of a garment."""
    return CUTS[cut](category)


def page_of(shape: Shape) -> tuple[float, Point]:
    """Return how much larger a garment is laid, to fill the page, and what is then its middle."""
    xs, ys = zip(*(point for part in shape.parts for point in part.outline), strict=True)
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    middle = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)
    return min(88 / wide, 112 / high, shape.largest), middle
