"""The MMDetection engine: the same network in torch, for a GPU or for comparison."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from services.segmentation import domain
from services.segmentation.metadata import Metadata
from services.segmentation.model import Pixels, find_garments, fit
from services.segmentation.settings import SegmentationSettings
from shared.contracts.garments import Garment
from shared.contracts.message import ModelRef


class MmdetSegmenter:
    """RTMDet-Ins in torch; the same rules as the ONNX engine decide what is a garment."""

    def __init__(self, metadata: Metadata, settings: SegmentationSettings) -> None:
        self._metadata = metadata
        self._settings = settings
        self._rules = metadata.rules(threshold=settings.threshold)
        self.threshold = self._rules.threshold
        self._lock = threading.Lock()
        self._network: Any = None

    @property
    def reference(self) -> ModelRef:
        return self._metadata.reference(self._metadata.checkpoint)

    def load(self) -> None:
        """Build the network once; PermanentError where its weights are not the ones described."""
        from services.segmentation.export import raw_answer_module
        from services.segmentation.network import build, load_checkpoint, read_config

        with self._lock:
            if self._network is None:
                network = build(read_config(self._metadata.config))
                load_checkpoint(network, self._metadata.verified(self._metadata.checkpoint))
                self._network = raw_answer_module(network).eval().to(self._settings.device)

    def predict(self, photos: Sequence[Pixels]) -> list[tuple[Garment, ...]]:
        self.load()
        return [self._predict_one(photo) for photo in photos]

    def _predict_one(self, photo: Pixels) -> tuple[Garment, ...]:
        import torch

        picture, scale = fit(photo, self._metadata.input_scale)
        tensor = torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32))
        with torch.inference_mode():
            outputs = self._network(tensor.to(self._settings.device))
        answer = domain.RawAnswer(*(output[0].float().cpu().numpy() for output in outputs))
        return find_garments(answer, photo.shape[:2], scale=scale, rules=self._rules)
