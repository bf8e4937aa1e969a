"""Where the weights lie, that they are the pinned ones, and how to get those that are missing.

A source is a folder or a file on this machine, or a hub's name: ``owner/name``, with ``/file``
behind it for one file of several, and ``@revision``. Of a hub only the local cache is read, unless
the setting allows to fetch. Only safetensors are taken: a pickle can run a program.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from services.generation.sdxl.settings import SdxlSettings
from shared.errors import PermanentError

Kind = Literal["pipeline", "module", "lora"]

PINS: Final = Path(__file__).parent / "pins.toml"
_HUB_NAME: Final = re.compile(r"([\w.-]+/[\w.-]+)((?:/[\w.-]+)*?)(?:@([\w./-]+))?")
_PICKLES: Final = (".bin", ".ckpt", ".pt", ".pth", ".pkl")
_PATTERNS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "pipeline": ("*.json", "*.txt", "*.fp16.safetensors"),
    "module": ("*.json", "diffusion_pytorch_model.safetensors", "model.safetensors"),
    "lora": ("pytorch_lora_weights.safetensors",),
}
_NOT_WEIGHTS: Final = ("scheduler", "tokenizer", "tokenizer_2", "feature_extractor")


def needed(settings: SdxlSettings) -> dict[str, tuple[str, Kind]]:
    """Return every source that the settings name, by what it is for, with its kind."""
    wanted: dict[str, tuple[str | None, Kind]] = {
        "sdxl": (settings.sdxl_model, "pipeline"),
        "sdxl refiner": (settings.sdxl_refiner, "pipeline"),
        "sdxl vae": (settings.sdxl_vae, "module"),
        "sdxl fast": (settings.sdxl_fast_lora, "lora"),
        "sdxl checker": (settings.sdxl_checker, "module"),
    }
    for number, lora in enumerate(settings.sdxl_loras, start=1):
        wanted[f"sdxl lora {number}"] = (lora, "lora")
    return {name: (source, kind) for name, (source, kind) in wanted.items() if source}


@dataclass(frozen=True)
class Source:
    """A hub's repository at a revision, and one file of it where that is meant."""

    name: str
    revision: str
    file: str = ""


@dataclass(frozen=True)
class Found:
    """Weights on this machine: one safetensors file, or a folder of them."""

    source: str
    """As the setting names it."""
    path: Path
    revision: str | None
    """None: not from a hub."""
    weights: tuple[Path, ...]
    pinned: Mapping[str, str]
    """sha256 by the file's path below ``path`` or its name."""

    @property
    def variant(self) -> str | None:
        """``fp16`` where its files are named so, as ``from_pretrained`` wants to know."""
        return "fp16" if any(".fp16." in file.name for file in self.weights) else None


def locate(source: str, *, kind: Kind, settings: SdxlSettings) -> Found:
    """Find the weights of ``source``.

    Raises PermanentError with how to get them where they are missing, or are pickles only.
    """
    pins = _pins(settings.sdxl_pins)
    local = Path(source).expanduser()
    if local.exists():
        pinned = pins.get(source, {}).get("sha256", {})
        return Found(source, local, None, _weights(local, kind, source=source), pinned)
    hub = _parse(source, pins)
    folder = _cached(hub)
    if settings.sdxl_download and not _is_whole(folder, hub, kind):
        folder = _fetch(hub, kind)
    if not _is_whole(folder, hub, kind):
        raise _missing(source, hub, kind)
    path = folder / hub.file if hub.file else folder
    pinned = pins.get(hub.name, {}).get("sha256", {})
    return Found(source, path, hub.revision, _weights(path, kind, source=source), pinned)


def fingerprints(found: Found) -> dict[str, str]:
    """Return the sha256 of each file of weights, by its path below the folder.

    Raises PermanentError where one is another file than the pinned one, or no safetensors.
    """
    hashes = {}
    for file in found.weights:
        name = file.name if file == found.path else str(file.relative_to(found.path))
        _check_form(file)
        stat = file.stat()
        hashes[name] = _sha256(file, stat.st_size, stat.st_mtime_ns)
        wanted = found.pinned.get(name, hashes[name])
        if hashes[name] != wanted:
            raise PermanentError(
                f"{file}: sha256 {hashes[name][:12]}… is not the pinned {wanted[:12]}…; "
                "delete it and download it again",
                text_ko=f"{file}: sha256 {hashes[name][:12]}…가 고정값 {wanted[:12]}…와 다릅니다. "
                "지우고 다시 받으세요",
                reason="bad_weights",
            )
    return hashes


def _parse(source: str, pins: Mapping[str, Any]) -> Source:
    match = _HUB_NAME.fullmatch(source)
    if not match:
        raise PermanentError(
            f"{source}: no such file or folder, and no hub's name (owner/name@revision)",
            text_ko=f"{source}: 파일도 폴더도 허브 이름(owner/name@revision)도 아닙니다",
            reason="missing_weights",
        )
    name, file, revision = match.groups()
    return Source(name, revision or pins.get(name, {}).get("revision", "main"), file.lstrip("/"))


def _cached(hub: Source) -> Path:
    """Return the folder where a hub's client keeps this revision; it need not exist."""
    home = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser()
    root = Path(os.environ.get("HF_HUB_CACHE", home / "hub"))
    repository = root / f"models--{hub.name.replace('/', '--')}"
    branch = repository / "refs" / hub.revision
    revision = branch.read_text().strip() if branch.is_file() else hub.revision
    return repository / "snapshots" / revision


def _fetch(hub: Source, kind: Kind) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    patterns = [hub.file] if hub.file else list(_PATTERNS[kind])
    try:
        folder = snapshot_download(hub.name, revision=hub.revision, allow_patterns=patterns)
    except (OSError, HfHubHTTPError, LocalEntryNotFoundError) as error:
        raise _missing(hub.name, hub, kind) from error
    return Path(folder)


def _is_whole(folder: Path, hub: Source, kind: Kind) -> bool:
    if hub.file:
        return (folder / hub.file).is_file()
    if kind == "lora":
        return _holds_weights(folder)
    if kind == "module":
        return (folder / "config.json").is_file() and _holds_weights(folder)
    index = folder / "model_index.json"
    if not index.is_file():
        return False
    parts = [folder / name for name in _parts(index)]
    weights = [part for part in parts if part.name not in _NOT_WEIGHTS]
    return all(part.is_dir() for part in parts) and all(map(_holds_weights, weights))


def _holds_weights(folder: Path) -> bool:
    """Tell whether there are any, of a kind that is taken or refused."""
    return any(folder.glob("*.safetensors")) or _holds_pickles(folder)


def _parts(index: Path) -> list[str]:
    """Return the folders of a pipeline, tokenizers and all."""
    entries = json.loads(index.read_text())
    return [name for name, kind in entries.items() if isinstance(kind, list) and kind[0]]


def _weights(path: Path, kind: Kind, *, source: str) -> tuple[Path, ...]:
    if path.is_file():
        return (path,)
    folders = [path]
    if kind == "pipeline" and (path / "model_index.json").is_file():
        parts = _parts(path / "model_index.json")
        folders = [path / name for name in parts if name not in _NOT_WEIGHTS]
    return tuple(_of_folder(folder, source=source) for folder in folders)


def _of_folder(folder: Path, *, source: str) -> Path:
    """Return the one file of weights in ``folder``, that of half precision where there are both."""
    files = sorted(folder.glob("*.safetensors"))
    files = [file for file in files if ".fp16." in file.name] or files
    named = [file for file in files if file.name == "pytorch_lora_weights.safetensors"]
    if len(named or files) == 1:
        return (named or files)[0]
    if files:
        names = ", ".join(file.name for file in files)
        said = f"{source}: holds several safetensors ({names}); name one: {source}/FILE"
        said_ko = f"{source}: safetensors가 여럿입니다({names}). {source}/파일 처럼 하나를 정하세요"
    elif _holds_pickles(folder):
        said = f"{folder}: only pickles, which can run a program; convert them to safetensors"
        said_ko = f"{folder}: 실행 코드가 들 수 있는 피클뿐입니다. safetensors로 바꾸세요"
    else:
        said = f"{folder}: no safetensors; put them there or correct the setting"
        said_ko = f"{folder}: safetensors가 없습니다. 넣거나 설정을 고치세요"
    raise PermanentError(said, text_ko=said_ko, reason="missing_weights")


def _holds_pickles(folder: Path) -> bool:
    return folder.is_dir() and any(file.suffix in _PICKLES for file in folder.iterdir())


def _check_form(file: Path) -> None:
    """Refuse what is only named safetensors; those begin with a length and a JSON object."""
    with file.open("rb") as opened:
        head = opened.read(9)
    if file.suffix == ".safetensors" and head[8:] == b"{":
        return
    raise PermanentError(
        f"{file}: is no safetensors and may run a program; convert it first",
        text_ko=f"{file}: safetensors가 아니며 코드를 실행할 수 있습니다. 먼저 변환하세요",
        reason="bad_weights",
    )


@cache
def _sha256(file: Path, size: int, changed: int) -> str:
    """Hash a file; ``size`` and ``changed`` tell when it has to be read anew."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@cache
def _pins(more: Path | None) -> dict[str, Any]:
    pins = tomllib.loads(PINS.read_text(encoding="utf-8"))
    if more is None:
        return pins
    try:
        return pins | tomllib.loads(more.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PermanentError(
            f"{more}: cannot be read as pins; correct or unset MAPSI_GENERATION_SDXL_PINS",
            text_ko=f"{more}: 읽을 수 없습니다. MAPSI_GENERATION_SDXL_PINS를 고치거나 지우세요",
            reason="bad_setting",
        ) from error


def command(hub: Source, kind: Kind) -> str:
    """Return the command that fetches it."""
    patterns: Sequence[str] = (hub.file,) if hub.file else _PATTERNS[kind]
    wanted = " ".join(f'--include "{pattern}"' for pattern in patterns)
    return f"hf download {hub.name} --revision {hub.revision} {wanted}"


def _missing(source: str, hub: Source, kind: Kind) -> PermanentError:
    return PermanentError(
        f"{source} is not on this machine; {command(hub, kind)}",
        text_ko=f"{source}: 이 컴퓨터에 없습니다. 받으려면: {command(hub, kind)}",
        reason="missing_weights",
    )
