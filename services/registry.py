"""The only list of services."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from shared.contracts.garments import Garment
from shared.contracts.message import ModelRef
from shared.imaging import Pixels
from shared.settings import Settings
from shared.weights import ModelCard


@dataclass(frozen=True)
class Service:
    """One service: an independent container that installs only its extra of the same name."""

    name: str
    summary: str
    summary_ko: str
    tasks: str | None
    """Module whose import registers its tasks; None: it handles no message."""


SERVICES: Final = {
    service.name: service
    for service in (
        Service(
            "ingestion",
            "stores each photo once and announces it",
            "사진을 한 번만 저장하고 알립니다",
            "services.ingestion.tasks",
        ),
        Service(
            "classification",
            "is it fashion? (ResNet18)",
            "패션 사진인지 판별합니다 (ResNet18)",
            "services.classification.tasks",
        ),
        Service(
            "segmentation",
            "cuts out every garment (MMDetection)",
            "옷을 하나하나 분할합니다 (MMDetection)",
            "services.segmentation.tasks",
        ),
        Service(
            "color",
            "names every garment's colours (KD-tree in CIELAB) and its pattern",
            "옷의 색 이름(CIELAB KD-트리)과 무늬를 찾습니다",
            "services.color.tasks",
        ),
        Service(
            "trends",
            "counts looks by week, item and colour",
            "주별로 아이템과 색을 집계합니다",
            "services.trends.tasks",
        ),
        Service(
            "generation",
            "draws a look",
            "코디 이미지를 만듭니다",
            "services.generation.tasks",
        ),
        Service(
            "gateway",
            "HTTP API and page",
            "HTTP API와 웹 페이지",
            None,
        ),
    )
}
WORKERS: Final = {
    **{name: service.tasks for name, service in SERVICES.items() if service.tasks},
    "generation.gpu": "services.generation.gpu_tasks",
    "generation.review": "services.generation.review_tasks",
}
"""What a worker can host: queues, and the modules whose import registers their tasks."""


def models_in_use(settings: Settings) -> dict[str, frozenset[ModelRef]]:
    """Return the models that a photo meets before it ends, by outcome (``services/models.py``).

    Imported when called: it knows every service, and a service may ask.
    """
    found: dict[str, frozenset[ModelRef]] = importlib.import_module("services.models").in_use(
        settings
    )
    return found


class KnownModel(Protocol):
    """A model that the settings choose: ``services/models.py`` says more."""

    @property
    def reference(self) -> ModelRef: ...
    @property
    def card(self) -> ModelCard | None: ...
    @property
    def size(self) -> int: ...


def models_chosen() -> Mapping[str, Callable[[Settings], KnownModel]]:
    """Return how each model that the settings choose is looked at, by name.

    Imported when called, as above.
    """
    models = importlib.import_module("services.models")
    chosen: Mapping[str, Callable[[Settings], KnownModel]] = models.MODELS
    return chosen


def must_be_alike(settings: Settings, hosts: tuple[str, ...]) -> Mapping[str, str]:
    """Return what a process that hosts ``hosts`` shares with others (``services/alike.py``).

    Imported when called, as above.
    """
    told: Mapping[str, str] = importlib.import_module("services.alike").must_be_alike(
        settings, hosts
    )
    return told


class Sight(Protocol):
    """What the pipeline's models see in one photo."""

    @property
    def fashion(self) -> float | None: ...
    @property
    def styles(self) -> Mapping[str, float]: ...
    @property
    def garments(self) -> tuple[Garment, ...]: ...


class Examined(Protocol):
    """What the pipeline's models see and half see: ``services/analyze.py`` says more."""

    @property
    def garments(self) -> tuple[Garment, ...]: ...
    @property
    def alternatives(self) -> tuple[Garment, ...]: ...
    @property
    def fashion(self) -> float: ...


class Eyes(Protocol):
    """The pipeline's models, loaded once, for a service that must see and may import none."""

    def see(self, pixels: Pixels, *, path: str) -> Sight:
        """Return what is in (height, width, 3) uint8 RGB; ``path`` is only named."""

    def examine(self, pixels: Pixels, *, path: str) -> Examined:
        """Return what is in a picture with all doubts, for a review."""


def open_eyes(settings: Settings) -> Eyes:
    """Return the models that the settings choose (``services/analyze.py``).

    Imported when called, as above.
    """
    analyze = importlib.import_module("services.analyze")
    eyes: Eyes = analyze.open_eyes(settings)
    return eyes
