"""``make train-smoke``: every trainer a few steps on drawn pictures, then what they made serves.

One command a model, as a person would call it. Needs the ml extra; asserts nothing about how
good a model is.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.smoke.data import write_data

TRAININGS: Final = {
    "classifier": (
        *("--data", "{data}", "--minutes", "0.1", "--served-side", "64", "--threads", "1"),
    ),
    "segmenter": (
        "--data",
        "{data}",
        "--epochs",
        "1",
        "--second-stage-steps",
        "3",
        "--threads",
        "1",
    ),
    "pattern": (
        *("--data", "{data}", "--masks", "{data}/masks"),
        *("--labels", "{data}/patterns.csv", "--epochs", "2", "--tune", "1"),
    ),
    "style": ("--feed", "{data}/styles.csv", "--photos", "{data}/street/photos"),
    "lora": (
        *("--data", "{data}/lora", "--base", "{data}/sdxl/base", "--resolution", "64"),
        *("--device", "cpu", "--precision", "no", "--steps", "2", "--accumulate", "1"),
        *("--sample-prompt", "a korean woman wearing a red skirt"),
    ),
}
"""What ``mapsi train`` is given for each model, in the order in which they need each other."""
WEIGHTS: Final = {
    "classifier": "MAPSI_CLASSIFICATION_WEIGHTS",
    "segmenter": "MAPSI_SEGMENTATION_WEIGHTS",
    "pattern": "MAPSI_COLOR_WEIGHTS",
    "style": "MAPSI_STYLE_WEIGHTS",
}
LIMIT: Final = 240.0
"""Seconds of processor time that all of it may take."""


def main() -> None:
    """Train, then analyse a picture with the new weights; exit code 1 where something fails."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        data, environment = Path(folder) / "data", dict(os.environ) | {"MAPSI_LANG": "en"}
        write_data(data)
        for model, arguments in TRAININGS.items():
            out = Path(folder) / model
            given = [argument.format(data=data) for argument in arguments]
            _run("train", model, *given, "--out", str(out), environment=environment)
            if model in WEIGHTS:
                environment[WEIGHTS[model]] = str(out)
        assert (Path(folder) / "lora/mapsi-lora.safetensors").exists()
        photo = data / "street/photos/0000.jpg"
        seen = json.loads(_run("analyze", str(photo), "--json", environment=environment))
    assert seen["error"] is None, seen
    assert len(seen["styles"]) == 6, "the probe does not read the classifier trained beside it"
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds, processor = time.monotonic() - started, used.ru_utime + used.ru_stime
    print(f"all trained and served in {seconds:.0f} s, {processor:.0f} s of processor time")
    # Processor time: how long it takes where nothing else runs.
    if processor > LIMIT:
        sys.exit(f"that is more than {LIMIT:.0f} s: make the smoke smaller")


def _run(*arguments: str, environment: dict[str, str]) -> str:
    """Run a ``mapsi`` command to its end; return what it printed."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "services", *arguments],
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    print(f"mapsi {' '.join(arguments[:2])}: {time.monotonic() - started:.0f} s", flush=True)
    if done.returncode:
        sys.exit(f"{done.stdout}\n{done.stderr}")
    return done.stdout


main()
