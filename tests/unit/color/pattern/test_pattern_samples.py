"""The labels that ship: what they name, and how they are split."""

from __future__ import annotations

import csv
from collections import Counter

import pytest
from click.testing import CliRunner

from services.cli import cli
from services.color.pattern.samples import LABELS, Sample, list_samples
from shared.contracts.vocabulary import PATTERNS
from shared.errors import UsageError


def rows() -> list[dict[str, str]]:
    with LABELS.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_label_is_a_pattern_and_no_garment_has_two():
    found = rows()
    assert {row["pattern"] for row in found} == set(PATTERNS)
    keys = Counter((row["group"], row["photo"], row["region"]) for row in found)
    assert keys.most_common(1)[0][1] == 1


def test_only_street_garments_name_a_region():
    assert all(bool(row["region"]) == (row["group"] == "street") for row in rows())


def test_one_contributors_photos_are_on_one_side():
    def sample(photo: str, unit: str) -> Sample:
        return Sample("garment", photo, "", "solid", doubtful=False, unit=unit)

    sides = {sample(str(number), "7").split for number in range(50)}
    assert len(sides) == 1
    assert {sample("1", str(number)).split for number in range(50)} == {"train", "test"}


def test_a_folder_without_the_data_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"garments\.csv is missing"):
        list_samples(tmp_path)


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_the_commands_say_what_they_need(command):
    asked = CliRunner().invoke(cli, [command, "pattern", "--help"])
    assert asked.exit_code == 0
    assert "--masks" in asked.output
