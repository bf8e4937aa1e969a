"""Which weights are used, and which are refused in one line that says why."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import pytest

from shared.errors import PermanentError
from shared.weights import ModelCard, read_metadata, verified

HEAD = 'name = "m"\nversion = "3"\nlicense = "CC0-1.0"\n'
TAIL = '[data]\nphotos = "own"\n[metrics]\nmacro_f1 = 0.5\nece = 0.1\n'
SHA = "a" * 64
REPO = Path(__file__).parents[3]


def card(folder: Path, *, files: str, head: str = HEAD, tail: str = TAIL) -> ModelCard:
    path = folder / "m.toml"
    path.write_text(head + files + tail, "utf-8")
    return read_metadata(path, ModelCard, setting="MAPSI_M_WEIGHTS")


def test_a_card_names_one_file_or_several(tmp_path):
    one = card(tmp_path, files=f'file = "m.onnx"\nsha256 = "{SHA}"\n')
    assert one.model_ref("onnx").sha256 == SHA
    several = card(
        tmp_path,
        files=f'[onnx]\nfile = "m.onnx"\nsha256 = "{SHA}"\n'
        f'[checkpoint]\nfile = "m.safetensors"\nsha256 = "{"b" * 64}"\n',
    )
    assert list(several.files) == ["onnx", "checkpoint"]
    assert several.model_ref("checkpoint").sha256 == "b" * 64


def test_the_first_figure_is_the_headline(tmp_path):
    files = f'file = "m.onnx"\nsha256 = "{SHA}"\n'
    assert card(tmp_path, files=files).headline() == ("macro_f1", 0.5)
    assert card(tmp_path, files=files, tail='[data]\nphotos = "own"\n').headline() is None


@pytest.mark.parametrize("name", ["m.pth", "m.pt", "m.pkl", "m.bin", "m"])
def test_a_file_that_may_run_a_program_is_refused_by_its_name(tmp_path, name):
    with pytest.raises(PermanentError, match="neither ONNX nor safetensors"):
        card(tmp_path, files=f'file = "{name}"\nsha256 = "{SHA}"\n')


@pytest.mark.parametrize("name", ["../m.onnx", "/etc/m.onnx", "weights/m.onnx"])
def test_a_file_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(PermanentError, match="must lie beside its description"):
        card(tmp_path, files=f'file = "{name}"\nsha256 = "{SHA}"\n')


@pytest.mark.parametrize(
    "lacking", ["name", "version", "license", "file", "sha256", "[data]\nphotos"]
)
def test_a_card_that_lacks_something_is_refused_in_one_line(tmp_path, lacking):
    text = f'{HEAD}file = "m.onnx"\nsha256 = "{SHA}"\n{TAIL}'
    place = text.index(lacking)
    end = text.index("\n", place + len(lacking)) + 1
    path = tmp_path / "m.toml"
    path.write_text(text[:place] + text[end:], "utf-8")
    with pytest.raises(PermanentError, match=r"m.toml: cannot be used .*MAPSI_M") as caught:
        read_metadata(path, ModelCard, setting="MAPSI_M")
    assert "\n" not in str(caught.value)
    assert "쓸 수 없습니다" in caught.value.in_language("ko")


@pytest.mark.parametrize("text", ["", "name = ", "\x00", "{}"])
def test_what_is_no_card_is_refused(tmp_path, text):
    path = tmp_path / "m.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(PermanentError, match=r"m.toml: cannot be"):
        read_metadata(path, ModelCard, setting="MAPSI_M")


@pytest.mark.parametrize("content", [pickle.dumps([1]), b"PK\x03\x04 as torch.save writes"])
def test_a_pickle_under_another_name_is_refused_though_its_hash_fits(tmp_path, content):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    with pytest.raises(PermanentError, match="may run a program"):
        verified(path, digest, named_in="m.toml", setting="MAPSI_M")


def test_only_the_very_file_is_read(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    assert verified(path, digest, named_in="m.toml", setting="MAPSI_M") == b"weights"
    with pytest.raises(PermanentError, match=r"is not the file that m.toml names"):
        verified(path, SHA, named_in="m.toml", setting="MAPSI_M")
    with pytest.raises(PermanentError, match="cannot be read"):
        verified(tmp_path / "n.onnx", digest, named_in="m.toml", setting="MAPSI_M")


def test_every_shipped_file_of_weights_is_described_and_safe():
    described = set()
    for path in [*REPO.glob("services/*/weights/*.toml"), *REPO.glob("shared/*/weights/*.toml")]:
        text = path.read_text("utf-8")
        for key in ("name", "version", "license", "sha256", "[data]", "[metrics]"):
            assert key in text, f"{path.name} lacks {key}"
        described |= {path.parent / word.strip('"') for word in text.split() if "." in word}
    shipped = {
        path
        for place in ("services", "shared")
        for path in REPO.glob(f"{place}/*/weights/*")
        if path.suffix not in (".toml", ".md")
    }
    assert shipped <= described
    assert {path.suffix for path in shipped} <= {".onnx", ".safetensors"}
