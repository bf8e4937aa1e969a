"""Photos become a LoRA's training set by one command, with the models that are shipped."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.system.photos import sample_photos

pytestmark = pytest.mark.system


def test_photos_become_a_training_set(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, sample in enumerate(sample_photos("studio_posture.jpg")[:3]):
        shutil.copy(sample, photos / f"{number}.jpg")
    shutil.copy(photos / "0.jpg", photos / "again.jpg")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "services", "data", "lora", "photos", "--out", "set"),
            *("--licence", "MIT", "--smallest-side", "400", "--resolution", "512"),
        ],
        cwd=tmp_path,
        env=os.environ | {"MAPSI_LANG": "en"},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [
        json.loads(line) for line in (tmp_path / "set/metadata.jsonl").read_text().splitlines()
    ]
    assert len(lines) == 3
    assert all(line["text"].startswith("a korean person wearing ") for line in lines)
    assert all(line["veiled"] and line["licence"] == "MIT" for line in lines)
    report = json.loads((tmp_path / "set/report.json").read_text())
    assert report["left_out"]["near"]["first"] == ["again.jpg"]
    assert {"segmenter", "pattern"} <= {model["name"] for model in report["models"]}
