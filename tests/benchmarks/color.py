"""How fast colours are named, against what else one would use; and that the answer is exact.

``python -m tests.benchmarks.color`` prints a table. Every method gets the same 200,000 mask
pixels in memory, (n, 3) RGB, and pays for the form it wants them in; nothing is decoded. The
methods take turns, so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from rich.console import Console
from rich.table import Table as Lines

from services.color.domain import name_counts, palette
from services.color.names import color_names
from services.color.table import nearest_names, open_table
from shared.lab import srgb_to_lab
from tests.samples.cloth import folds, plain, striped, taken

SHAPE = (400, 500)
NAMES = color_names()
CLOTHS = (
    plain("3b5b92") * folds(seed=1),
    striped("f4f4f2", "b01e28") * folds(seed=2),
    plain("c8a878") * folds(seed=3),
    striped("274e37", "e0b020", width=9) * folds(seed=4),
)


def garment() -> np.ndarray:
    """Return the pixels of a garment of four cloths, (200000, 3)."""
    photos = [taken(cloth, seed=seed) for seed, cloth in enumerate(CLOTHS)]
    return np.concatenate(photos).reshape(-1, 3)[: SHAPE[0] * SHAPE[1]]


def kd_tree_loop(pixels: np.ndarray) -> np.ndarray:
    from scipy.spatial import KDTree

    tree = KDTree(NAMES.lab)
    named = [tree.query(lab)[1] for lab in srgb_to_lab(pixels)]
    return np.bincount(named, minlength=len(NAMES.lab))


def kd_tree(pixels: np.ndarray) -> np.ndarray:
    from scipy.spatial import cKDTree

    _, named = cKDTree(NAMES.lab).query(srgb_to_lab(pixels))
    return np.bincount(named, minlength=len(NAMES.lab))


def k_means(pixels: np.ndarray) -> None:
    from sklearn.cluster import KMeans

    KMeans(5, n_init=1, random_state=0).fit(srgb_to_lab(pixels))


def color_thief(pixels: np.ndarray, *, quality: int) -> None:
    from colorthief import ColorThief
    from PIL import Image

    thief = ColorThief.__new__(ColorThief)  # its own way in reads a file
    thief.image = Image.fromarray(pixels.reshape(*SHAPE, 3))
    thief.get_palette(5, quality)


def fast_color_thief(pixels: np.ndarray) -> None:
    import fast_colorthief

    rgba = np.empty((len(pixels), 4), np.uint8)
    rgba[:, :3], rgba[:, 3] = pixels, 255
    fast_colorthief.get_palette(rgba.reshape(*SHAPE, 4), 5, 1)


def methods(table: np.ndarray) -> dict[str, tuple[int, Callable[[np.ndarray], object]]]:
    """Return what is measured, ours first, and how often."""
    everywhere = np.ones(SHAPE, bool)

    def whole_palette(pixels: np.ndarray) -> object:
        return palette(pixels.reshape(*SHAPE, 3), everywhere, names=NAMES, table=table)

    return {
        "ours: every pixel named and counted": (
            60, lambda pixels: name_counts(pixels, table, names=len(NAMES.lab)),
        ),
        "ours: whole palette (cloths, shade, names)": (60, whole_palette),
        "KD-tree, pixel by pixel": (1, kd_tree_loop),
        "cKDTree in Lab, all at once": (3, kd_tree),
        "scikit-learn KMeans, 5 clusters": (3, k_means),
        "colorthief, every pixel": (2, lambda pixels: color_thief(pixels, quality=1)),
        "colorthief, every 10th pixel": (3, lambda pixels: color_thief(pixels, quality=10)),
        "fast-colorthief, every pixel": (60, fast_color_thief),
    }  # fmt: skip


def measure(table: np.ndarray) -> dict[str, float]:
    """Return each method's best time in milliseconds: what a busy machine adds is not its own."""
    pixels = garment()
    tried = methods(table)
    times: dict[str, list[float]] = {name: [] for name in tried}
    for turn in range(max(rounds for rounds, _ in tried.values())):
        for name, (rounds, method) in tried.items():
            if turn < rounds:
                started = perf_counter()
                method(pixels)
                times[name].append((perf_counter() - started) * 1000)
    return {name: min(found) for name, found in times.items()}


def wrong_names(table: np.ndarray, *, colors: int) -> int:
    """Return how many of so many random colours the table names otherwise than the KD-tree."""
    places = np.random.default_rng(0).integers(0, 1 << 24, colors)
    rgb = np.stack((places & 255, places >> 8 & 255, places >> 16), axis=1).astype(np.uint8)
    return int((nearest_names(rgb, NAMES.lab) != table[places]).sum())


def main() -> None:
    """Measure and print; exit code 1 where a peer is faster or a name is wrong."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as cache:
        started = perf_counter()
        open_table(Path(cache))
        first = perf_counter() - started
        started = perf_counter()
        table = open_table(Path(cache))
        again = perf_counter() - started
        times = measure(table)
        wrong = wrong_names(table, colors=1_000_000)
    ours, *others = times
    lines = Lines("method", "ms", "× the first", title=f"{SHAPE[0] * SHAPE[1]:,} mask pixels")
    for name, took in times.items():
        lines.add_row(name, f"{took:,.2f}", f"{took / times[ours]:,.1f}")
    console = Console()
    console.print(lines)
    console.print(f"table: first start {first:.2f} s, later starts {again:.2f} s")
    console.print(f"names that differ from the KD-tree's: {wrong} of 1,000,000 random colours")
    peers = [name for name in others if not name.startswith("ours")]
    sys.exit(wrong > 0 or any(times[name] <= times[ours] for name in peers))


if __name__ == "__main__":
    main()
