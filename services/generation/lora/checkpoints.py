"""Checkpoints: all that a run needs to go on as if it had never stopped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.generation.lora.layers import State
from shared.errors import UsageError

_FOLDER: Final = "checkpoints"
_KEPT: Final = 3
"""Older ones are removed."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run's state after ``step`` updates."""

    step: int
    layers: Mapping[str, State]
    """By part."""
    machinery: dict[str, Any]
    """Optimizer, schedule, scaler and random states, as ``torch.save`` keeps them."""
    identity: dict[str, Any]
    """The recipe, base and training set: a run with others cannot go on from here."""


def save_checkpoint(out: Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint as one step: a killed run leaves no half of one."""
    import torch
    from safetensors.torch import save_file

    folder = out / _FOLDER / f"step-{checkpoint.step:06}"
    fresh = folder.with_name(f".{folder.name}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    flat = {
        f"{part}.{name}": value
        for part, state in checkpoint.layers.items()
        for name, value in state.items()
    }
    save_file(flat, fresh / "layers.safetensors")
    torch.save(checkpoint.machinery, fresh / "machinery.pt")
    (fresh / "run.json").write_text(
        json.dumps({"step": checkpoint.step, "identity": checkpoint.identity}, indent=2) + "\n"
    )
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    for old in _all(out)[:-_KEPT]:
        shutil.rmtree(old)
    return folder


def latest(out: Path) -> Path | None:
    """Return the folder of the newest checkpoint of a run."""
    found = _all(out)
    return found[-1] if found else None


def _all(out: Path) -> list[Path]:
    return sorted((out / _FOLDER).glob("step-*"))


def load_checkpoint(folder: Path, identity: Mapping[str, Any]) -> Checkpoint:
    """Read a checkpoint; UsageError that names what is not as in the run that wrote it."""
    import torch
    from safetensors.torch import load_file

    try:
        run = json.loads((folder / "run.json").read_text())
        flat = load_file(folder / "layers.safetensors")
        machinery = torch.load(folder / "machinery.pt", map_location="cpu", weights_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"{folder}: is no whole checkpoint; name another one, or start anew",
            text_ko=f"{folder}: 온전한 체크포인트가 아닙니다. 다른 것을 지정하거나 새로 시작하세요",
            reason="bad_checkpoint",
        ) from error
    _check_same(folder, run["identity"], identity)
    layers: dict[str, State] = {}
    for name, value in flat.items():
        part, _, rest = name.partition(".")
        layers.setdefault(part, {})[rest] = value
    return Checkpoint(run["step"], layers, machinery, run["identity"])


def _check_same(folder: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    now = json.loads(json.dumps(new))
    other = [name for name in sorted({*old, *now}) if old.get(name) != now.get(name)]
    if other:
        said = ", ".join(f"{name} {old.get(name)} → {now.get(name)}" for name in other)
        raise UsageError(
            f"{folder} is of another run ({said}); resume with the same options and training set, "
            "or start anew in another --out",
            text_ko=f"{folder}: 다른 설정의 학습입니다({said}). 같은 설정과 학습 자료로 "
            "이어 가거나 다른 --out에서 새로 시작하세요",
            reason="other_run",
        )
