"""What ``mapsi doctor`` looks at, one function a thing. It changes nothing on the machine."""

from __future__ import annotations

import difflib
import hashlib
import importlib
import lzma
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from typing import Final, Literal

from packaging.requirements import Requirement

from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.weights import Kind
from services.models import MODELS, Model
from services.registry import SERVICES
from shared.errors import MapsiError
from shared.settings import ServiceSettings, Settings, read

OPTIONAL_EXTRAS: Final = ("demo", "gpu", "ml")
_ALERTS: Final = "shared.alerts.settings"
SPACE_NEEDED: Final = 1_000_000_000
_FAKE: Final = ("a fake, for tests only", "시험용 가짜 모델")
NEW: Final = ("not made yet: `mapsi up` makes it", "아직 없습니다. `mapsi up`이 만듭니다")


@dataclass(frozen=True)
class Finding:
    """One thing, how it is, and the fix where it is not well."""

    name: str
    """The thing, and after a colon which one."""
    state: Literal["ok", "missing", "broken"]
    found: str
    found_ko: str
    fix: str = ""
    fix_ko: str = ""
    required: bool = True


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything; a thing that is broken keeps no other from being looked at."""
    alone = settings.redis_url is None  # one machine runs all; a container only its service
    for extra in (*SERVICES, *(["local"] if alone else [])):
        yield installed(extra, required=alone)
    for extra in OPTIONAL_EXTRAS:
        yield installed(extra, required=False)
    for name in ("classification", "segmentation", "pattern"):
        yield _tried(f"model:{name}", partial(_model, name, settings), required=alone)
    yield _tried("model:style", partial(_style, settings), required=False)
    yield _tried("model:faces", _faces, required=alone)
    if settings.drawer == "sdxl":
        yield from _drawing()
    elif settings.drawer != "lookbook":
        yield _tried(f"drawer:{settings.drawer}", partial(_drawer, settings), required=False)
    if settings.drawer != "lookbook":
        name = "setting:MAPSI_GATEWAY_JOB_SECONDS"
        yield _tried(name, partial(_deadline, settings), required=False)
    yield _tried("colour table", _colour_table, required=alone)
    yield from _misspelt()
    yield data_folder(settings)
    yield _tried("broker", lambda: _broker(settings), required=not alone)
    yield _tried("database", lambda: _database(settings))
    yield _tried("storage", lambda: _storage(settings))
    yield _tried("fonts", _fonts)
    yield from _sources(settings)


def installed(extra: str, *, required: bool) -> Finding:
    """Are the packages of an extra there, in the versions that ``pyproject.toml`` asks for?"""
    name = f"extra:{extra}"
    lacking = [wanted for wanted in _wanted(extra) if not _is_satisfied(wanted)]
    if not lacking:
        return Finding(name, "ok", "installed", "설치됨", required=required)
    names = ", ".join(f"{wanted.name}{wanted.specifier}" for wanted in lacking)
    command = f"pip install 'mapsi[{extra}]'"
    return Finding(name, "missing", names, names, command, command, required)


def _wanted(extra: str) -> list[Requirement]:
    """Return the packages of an extra, those of the extras it names included."""
    wanted: list[Requirement] = []
    for line in requires("mapsi") or ():
        requirement = Requirement(line)
        if not requirement.marker or not requirement.marker.evaluate({"extra": extra}):
            continue
        if requirement.name == "mapsi":
            wanted += [inner for name in requirement.extras for inner in _wanted(name)]
        else:
            wanted.append(requirement)
    return wanted


def _is_satisfied(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False


def _deadline(settings: Settings) -> tuple[str, str]:
    """Does a picture end before its message is handed to a second worker?"""
    from services.gateway.settings import GatewaySettings, check_deadline

    check_deadline(read(GatewaySettings), settings)
    return "shorter than MAPSI_VISIBILITY_TIMEOUT", "MAPSI_VISIBILITY_TIMEOUT보다 짧음"


def _misspelt() -> Iterator[Finding]:
    """Is every variable that begins like a setting one? What is not read changes nothing."""
    for module in (*(f"services.{name}.settings" for name in (*SERVICES, "supervisor")), _ALERTS):
        if find_spec(module):
            importlib.import_module(module)
    known = {name for found in _subclasses(ServiceSettings) for name in _variables(found)}
    for name in sorted(set(os.environ) - known):
        if not name.startswith("MAPSI_"):
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
        yield Finding(
            f"setting:{name}",
            "broken",
            "no such setting; it changes nothing",
            "그런 설정은 없습니다. 아무 효과가 없습니다",
            f"did you mean {near[0]}?" if near else "see docs/settings.md",
            f"{near[0]}을(를) 쓰려던 것인가요?" if near else "docs/settings.md를 보세요",
            required=False,
        )


def _subclasses(kind: type[ServiceSettings]) -> Iterator[type[ServiceSettings]]:
    for found in kind.__subclasses__():
        yield found
        yield from _subclasses(found)


def _variables(found: type[ServiceSettings]) -> Iterator[str]:
    prefix = found.model_config.get("env_prefix", "")
    yield from (f"{prefix}{name}".upper() for name in found.model_fields)


def data_folder(settings: Settings) -> Finding:
    """Can the data folder be written or made, and is there room for what it keeps?"""
    folder = settings.data_dir.resolve()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing) as probe:
            probe.write(b"mapsi")
    except OSError as error:
        found = f"{folder}: {error.strerror}"
        fix = "make it writable, or set MAPSI_DATA_DIR"
        fix_ko = "쓰기 권한을 주거나 MAPSI_DATA_DIR을 바꾸세요"
        return Finding("data folder", "broken", found, found, fix, fix_ko)
    free = shutil.disk_usage(existing).free
    found = f"{folder}, {free / 1e9:.1f} GB free"
    found_ko = f"{folder}, 남은 공간 {free / 1e9:.1f} GB"
    here = None in (settings.redis_url, settings.database_url, settings.storage_url)
    if here and free < SPACE_NEEDED:
        return Finding("data folder", "broken", found, found_ko, "free 1 GB", "1 GB를 비우세요")
    return Finding("data folder", "ok", found, found_ko)


def _model(name: str, settings: Settings) -> tuple[str, str]:
    """Say which weights are used, under which licence, how good and how large they are."""
    return _told(MODELS[name](settings))


def _faces() -> tuple[str, str]:
    """Say the same of what hides faces in the gateway."""
    from shared.faces.weights import face_card, read_weights

    card = face_card()
    return _told(Model(card.model_ref("onnx"), card, len(read_weights(card))))


def _told(model: Model) -> tuple[str, str]:
    reference, card = model.reference, model.card
    if card is None:
        return _FAKE
    headline = card.headline()
    known = [f"{reference.name} {reference.version}", reference.sha256[:12], card.license]
    known += [f"{headline[0]} {headline[1]}"] if headline else []
    size = f"{model.size / 1e6:.1f} MB" if model.size >= 1e6 else f"{model.size / 1e3:.0f} kB"
    told = ", ".join((*known, size))
    return f"{told}, as described", f"{told}, 설명과 일치"


def _style(settings: Settings) -> tuple[str, str]:
    from shared.style.probe import open_probe

    found = _model("style", settings)
    classifier = MODELS["classification"](settings)
    if classifier.card and not open_probe(settings.style_weights).reads(classifier.reference):
        given = f"{classifier.reference.name} {classifier.reference.sha256[:12]}"
        raise MapsiError(
            f"mismatch: it does not read the embedding of {given}, so styles stay unknown; "
            "run `mapsi train style` and set MAPSI_STYLE_WEIGHTS",
            text_ko=f"불일치: {given}의 임베딩을 읽지 않아 스타일을 알 수 없습니다. "
            "`mapsi train style`을 실행하고 MAPSI_STYLE_WEIGHTS를 정하세요",
            reason="style_mismatch",
        )
    return found


def _drawing() -> Iterator[Finding]:
    """Are the weights there that draw people? Their hashes are looked at when they are loaded."""
    from services.generation.sdxl.weights import needed
    from services.generation.settings import GenerationSettings

    settings = read(GenerationSettings)
    for name, (source, kind) in needed(settings).items():
        yield _tried(f"model:{name}", partial(_drawn_with, source, kind, settings), required=False)


def _drawn_with(source: str, kind: Kind, settings: SdxlSettings) -> tuple[str, str]:
    from services.generation.sdxl.weights import locate

    found = locate(source, kind=kind, settings=settings)
    size = sum(file.stat().st_size for file in found.weights) / 1e9
    told = ", ".join(filter(None, (source, (found.revision or "")[:12], f"{size:.1f} GB")))
    if found.pinned:
        return f"{told}, pinned by sha256", f"{told}, sha256로 고정됨"
    return f"{told}, not pinned", f"{told}, 고정되지 않음"


def _drawer(settings: Settings) -> tuple[str, str]:
    """Does the server that draws answer?"""
    from services.generation.remote import comfyui, openai_images
    from services.generation.settings import GenerationSettings

    module = comfyui if settings.drawer == "comfyui" else openai_images
    found = module.open_backend(read(GenerationSettings)).check()
    return f"{found}, answers", f"{found}, 응답함"


def _colour_table() -> tuple[str, str]:
    from services.color.table import PACKED_FILE, table_hash

    fingerprint = table_hash()
    if hashlib.sha256(lzma.decompress(PACKED_FILE.read_bytes())).hexdigest() != fingerprint:
        raise MapsiError(
            f"{PACKED_FILE.name} is damaged; reinstall Mapsi",
            text_ko=f"{PACKED_FILE.name}: 손상되었습니다. 맵시를 다시 설치하세요",
        )
    return f"sha256 {fingerprint[:12]} as it should be", f"sha256 {fingerprint[:12]} 확인됨"


def _broker(settings: Settings) -> tuple[str, str]:
    from shared.broker import Broker

    if settings.redis_url is None and not settings.valkey_socket.exists():
        return "private; starts with `mapsi up`", "내장 브로커: `mapsi up`과 함께 시작됩니다"
    waiting = sum(Broker(settings).queue_lengths().values())
    return f"answers; {waiting} messages", f"응답함, 메시지 {waiting}개"


def _database(settings: Settings) -> tuple[str, str]:
    from shared.records.schema import newest_revision, revision

    if settings.database_url is None and not (settings.data_dir / "mapsi.db").exists():
        return NEW
    done, newest = revision(settings.database), newest_revision()
    if done != newest:
        raise MapsiError(
            f"its tables are of version {done}, this program's of {newest}; start `mapsi up` once",
            text_ko=f"테이블 버전 {done}, 프로그램 버전 {newest}. `mapsi up`을 한 번 실행하세요",
        )
    return f"answers; tables of version {done}", f"응답함, 테이블 버전 {done}"


def _storage(settings: Settings) -> tuple[str, str]:
    from shared.storage import open_storage

    if settings.storage_url is None and not (settings.data_dir / "objects").exists():
        return NEW
    open_storage(settings).check()
    place = settings.storage.partition("?")[0]
    return place, place


def _sources(settings: Settings) -> Iterator[Finding]:
    """Does each scheduled source bring its posts? Where the database is not well, say nothing."""
    from shared.records import open_database
    from shared.records.source_book import list_sources

    if settings.database_url is None and not (settings.data_dir / "mapsi.db").exists():
        return
    try:
        with closing(open_database(settings.database)) as opened, opened.reading() as session:
            known = list_sources(session)
    except MapsiError:
        return
    for source in known:
        name = f"source:{source.name}"
        found, _, fix = (source.error or "").removeprefix(f"source {source.name}: ").partition("; ")
        said = (source.error_ko or "").removeprefix(f"출처 {source.name}: ")
        if source.error is not None:
            yield Finding(name, "broken", found, said, fix, "", required=False)
        elif source.paused_at is not None:
            resume = f"mapsi sources resume {source.name}"
            yield Finding(name, "broken", "paused", "멈춤", resume, resume, required=False)
        else:
            figures = f"{source.taken:,}"
            yield Finding(name, "ok", f"{figures} photos", f"사진 {figures}장", required=False)


def _fonts() -> tuple[str, str]:
    from shared.fonts import font

    name, style = font(16).getname()
    found = f"{name} {style}"
    return found, found


def _tried(name: str, look: Callable[[], tuple[str, str]], *, required: bool = True) -> Finding:
    try:
        found, found_ko = look()
    except MapsiError as error:
        what, _, fix = error.text.partition("; ")
        return Finding(name, "broken", what, error.text_ko, fix, "", required)
    except ImportError as error:
        fix = "pip install 'mapsi[local]'"
        return Finding(name, "missing", str(error), str(error), fix, fix, required)
    except (OSError, lzma.LZMAError) as error:
        return Finding(name, "broken", str(error), str(error), required=required)
    return Finding(name, "ok", found, found_ko, required=required)
