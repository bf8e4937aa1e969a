"""What is known of the weights: ``segmenter.toml`` beside them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from pydantic import Field, model_validator

from services.segmentation.domain import Rules
from shared import weights as weights_files
from shared.contracts.message import ModelRef
from shared.contracts.vocabulary import CATEGORIES
from shared.errors import PermanentError
from shared.weights import ModelCard, WeightsFile

_NAME: Final = "segmenter.toml"
_SETTING: Final = "MAPSI_SEGMENTATION_WEIGHTS"


class Metadata(ModelCard):
    """The model's name, version, input, thresholds, origin and figures.

    Its files are ``checkpoint``, which the mmdet engine reads, and ``onnx``, where it has one, and
    ``second_stage`` and ``second_stage_checkpoint`` likewise.
    """

    config: str = Field(description="name in configs/, without .py")
    input_scale: tuple[int, int] = Field(description="short and long side at most, in pixels")
    threshold: float = Field(ge=0, le=1, description="chosen on the validation split")
    classes: tuple[str, ...] = Field(
        default=CATEGORIES,
        description='for each class of the network one of the 13 categories, or "" for no garment',
    )

    @model_validator(mode="after")
    def _has_a_checkpoint(self) -> Metadata:
        if "checkpoint" not in self.files:
            raise ValueError("[checkpoint] is missing")
        return self

    @property
    def onnx(self) -> WeightsFile | None:
        """The file of the onnx engine; None: only the mmdet engine serves this model."""
        return self.files.get("onnx")

    @property
    def checkpoint(self) -> WeightsFile:
        """The file of the mmdet engine."""
        return self.files["checkpoint"]

    @property
    def second_stage(self) -> WeightsFile | None:
        """The file of the onnx engine's second stage; None: the detector decides alone."""
        return self.files.get("second_stage")

    @property
    def second_stage_checkpoint(self) -> WeightsFile | None:
        """The file of the mmdet engine's second stage."""
        return self.files.get("second_stage_checkpoint")

    def rules(self, *, threshold: float | None) -> Rules:
        """Return the rules with ``threshold``, or the model's own."""
        return Rules(threshold=self.threshold if threshold is None else threshold)

    def served_by(self, engine: str) -> WeightsFile:
        """Return the file that ``engine`` reads; PermanentError where there is none for it."""
        if engine == "mmdet":
            return self.checkpoint
        if self.onnx is None:
            path, advice = self.folder / _NAME, "set MAPSI_SEGMENTATION_ENGINE=mmdet"
            raise PermanentError(
                f"{path}: {self.config} has no ONNX file; {advice}",
                text_ko=f"{path}: {self.config} 모델에는 ONNX 파일이 없습니다. {advice}",
                reason="no_onnx",
            )
        return self.onnx

    def reference(self, weights: WeightsFile) -> ModelRef:
        """Return what results name; with a second stage the hash is of both files' hashes."""
        second = self.second_stage if weights == self.onnx else self.second_stage_checkpoint
        sha256 = weights.sha256
        if second:
            sha256 = hashlib.sha256(f"{sha256}{second.sha256}".encode()).hexdigest()
        return ModelRef(name=self.name, version=self.version, sha256=sha256)

    def verified(self, weights: WeightsFile) -> bytes:
        """Return the weights' bytes; PermanentError unless they are the ones named here."""
        path = self.folder / weights.file
        return weights_files.verified(path, weights.sha256, named_in=_NAME, setting=_SETTING)


def read_metadata(folder: Path) -> Metadata:
    """Read ``folder/segmenter.toml``; PermanentError where it is missing or incomplete."""
    if folder.is_file():
        advice = f"mapsi export segmenter --checkpoint {folder} --config … --out FOLDER"
        raise PermanentError(
            f"{folder}: a file, but {_SETTING} names a folder; make one with `{advice}`",
            text_ko=f"{folder}: 파일입니다. {_SETTING}에는 폴더를 지정합니다: `{advice}`",
            reason="bad_weights",
        )
    return weights_files.read_metadata(folder / _NAME, Metadata, setting=_SETTING)
