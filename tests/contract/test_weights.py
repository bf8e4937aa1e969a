"""The weights that Mapsi carries: small enough to be cloned, and every file of them described."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

import services
import shared
from shared.weights import FORMATS

BAR = 60_000_000
"""Bytes of all weights together."""


def weights() -> list[Path]:
    folders = [Path(package.__path__[0]) for package in (services, shared)]
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in (*FORMATS, ".npz")
    )


def test_all_weights_together_are_small_enough():
    sizes = {path.name: path.stat().st_size for path in weights()}
    assert len(sizes) >= 8
    assert sum(sizes.values()) <= BAR, sizes


@pytest.mark.parametrize(
    "path", [path for path in weights() if path.suffix in FORMATS], ids=lambda path: path.name
)
def test_a_file_of_weights_is_described_beside_it_with_its_hash(path):
    described = [tomllib.loads(card.read_text("utf-8")) for card in path.parent.glob("*.toml")]
    tables = [table for card in described for table in (card, *card.values())]
    hashes = {table.get("sha256") for table in tables if isinstance(table, dict)}
    assert hashlib.sha256(path.read_bytes()).hexdigest() in hashes
