"""The MMDetection engine: any of its instance segmenters in torch, in batches, for a GPU."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from PIL import Image

from services.segmentation import domain
from services.segmentation.finding import find_garments
from services.segmentation.metadata import Metadata
from services.segmentation.model import Pixels, fit, fitted, padded_size
from services.segmentation.second_stage.model import SecondStage
from services.segmentation.settings import SegmentationSettings
from shared.contracts.garments import Garment
from shared.contracts.message import ModelRef
from shared.contracts.vocabulary import CATEGORIES
from shared.imaging import resize_to

LARGEST_SIDE: Final = 2048
"""mmdet draws its masks at most this large; a larger photo's are enlarged."""
COARSE: Final = 4
"""Every so many pixels of mmdet's masks are looked at to compare garments."""

Found = tuple[Garment, ...]


class Head(Protocol):
    """How a kind of network answers."""

    def predict(self, photos: Sequence[Pixels]) -> list[Found]:
        """Return each photo's garments; the photos have one size in the network's input."""


class MmdetSegmenter:
    """MMDetection in torch.

    RTMDet-Ins answers through the rules of the ONNX engine, so that both report the same
    garments; other networks through mmdet's own ``predict``.
    """

    def __init__(self, metadata: Metadata, settings: SegmentationSettings) -> None:
        self._metadata = metadata
        self._settings = settings
        self._rules = metadata.rules(threshold=settings.threshold)
        self.threshold = self._rules.threshold
        self.batch_size = settings.batch_size
        self._lock = threading.Lock()
        self._head: Head | None = None

    @property
    def reference(self) -> ModelRef:
        return self._metadata.reference(self._metadata.checkpoint)

    def load(self) -> None:
        """Build the network once; PermanentError where its weights are not the ones described."""
        self._loaded()

    def _loaded(self) -> Head:
        with self._lock:
            if self._head is None:
                self._head = self._open()
            return self._head

    def _open(self) -> Head:
        from services.segmentation.export import answers_raw
        from services.segmentation.network import build, load_checkpoint, read_config
        from shared.devices import usable_device

        device = usable_device(self._settings.device)
        network = build(read_config(self._metadata.config))
        load_checkpoint(network, self._metadata.verified(self._metadata.checkpoint))
        network.eval().to(device)
        if answers_raw(network):
            return _RawHead(network, self._metadata, self._rules, self._second_stage())
        return _OwnHead(network, self._metadata, self._rules)

    def _second_stage(self) -> SecondStage | None:
        weights = self._metadata.second_stage_checkpoint
        if weights is None:
            return None
        from services.segmentation.second_stage.torch_model import TorchSecondStage

        return TorchSecondStage(self._metadata.verified(weights), device=self._settings.device)

    def predict(self, photos: Sequence[Pixels]) -> list[Found]:
        head = self._loaded()
        found: list[Found] = [()] * len(photos)
        for batch in batches(photos, self._metadata.input_scale, size=self.batch_size):
            answers = head.predict([photos[index] for index in batch])
            for index, garments in zip(batch, answers, strict=True):
                found[index] = garments
        return found

    def examine(self, photo: Pixels) -> tuple[Found, Found]:
        garments = self.predict([photo])[0]
        return garments, garments


def batches(
    photos: Sequence[Pixels], input_scale: tuple[int, int], *, size: int
) -> list[list[int]]:
    """Return indices of photos in groups of at most ``size`` that need the same padding.

    Padding to a larger neighbour would change a photo's answer with the company it is in.
    """
    alike: dict[tuple[int, int], list[int]] = {}
    for index, photo in enumerate(photos):
        height, width, _ = fitted(photo.shape, input_scale)
        alike.setdefault(padded_size(height, width), []).append(index)
    return [
        group[start : start + size]
        for group in alike.values()
        for start in range(0, len(group), size)
    ]


class _RawHead:
    """RTMDet-Ins, read by the rules that the ONNX engine uses."""

    def __init__(
        self,
        network: Any,
        metadata: Metadata,
        rules: domain.Rules,
        second_stage: SecondStage | None,
    ) -> None:
        from services.segmentation.export import raw_answer_module

        self._device = network.data_preprocessor.device
        self._network = raw_answer_module(network).eval()
        self._input_scale = metadata.input_scale
        self._rules = rules
        self._second_stage = second_stage

    def predict(self, photos: Sequence[Pixels]) -> list[Found]:
        import torch

        fits = [fit(photo, self._input_scale) for photo in photos]
        pictures = torch.from_numpy(np.stack([picture for picture, _ in fits]))
        with torch.inference_mode():
            tensor = pictures.to(self._device).permute(0, 3, 1, 2).float()
            outputs = [output.float().cpu().numpy() for output in self._network(tensor)]
        return [
            find_garments(
                domain.RawAnswer(*(output[index] for output in outputs)),
                photo,
                scale=fits[index][1],
                rules=self._rules,
                second_stage=self._second_stage,
            )
            for index, photo in enumerate(photos)
        ]


class _OwnHead:
    """Any other network of mmdet: its own test pipeline and ``predict``."""

    def __init__(self, network: Any, metadata: Metadata, rules: domain.Rules) -> None:
        from mmcv.transforms import Compose

        self._network = network
        self._classes = metadata.classes
        self._rules = rules
        short, long = metadata.input_scale
        self._pipeline = Compose(
            [
                {"type": "mmdet.LoadImageFromNDArray"},
                {"type": "mmdet.Resize", "scale": (long, short), "keep_ratio": True},
                {
                    "type": "mmdet.PackDetInputs",
                    "meta_keys": ("ori_shape", "img_shape", "scale_factor"),
                },
            ]
        )

    def predict(self, photos: Sequence[Pixels]) -> list[Found]:
        import torch

        small = [resize_to(photo, max_side=LARGEST_SIDE) for photo in photos]
        # mmdet reads files with OpenCV, whose colours are blue, green, red.
        packed = [self._pipeline({"img": photo[..., ::-1]}) for photo in small]
        batch = {key: [one[key] for one in packed] for key in ("inputs", "data_samples")}
        with torch.inference_mode():
            samples = self._network.test_step(batch)
        return [
            self._garments(sample.pred_instances.cpu(), photo.shape[:2])
            for sample, photo in zip(samples, photos, strict=True)
        ]

    def _garments(self, instances: Any, size: tuple[int, ...]) -> Found:
        scores, labels = instances.scores.numpy(), instances.labels.numpy()
        masks: dict[domain.Candidate, domain.Mask] = {}
        for score, label, mask in zip(scores, labels, instances.masks.numpy(), strict=True):
            category = self._classes[label]
            if category and score >= self._rules.threshold:
                coarse = mask[::COARSE, ::COARSE].astype(np.float32)
                masks[domain.Candidate(CATEGORIES.index(category), float(score), coarse)] = mask
        kept = domain.keep_distinct(list(masks), self._rules)
        return tuple(
            domain.describe(CATEGORIES[one.category], one.score, _enlarge(masks[one], size))
            for one in kept
        )


def _enlarge(mask: domain.Mask, size: tuple[int, ...]) -> domain.Mask:
    if mask.shape == size:
        return mask
    height, width = size
    image = Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST)
    return np.asarray(image)
