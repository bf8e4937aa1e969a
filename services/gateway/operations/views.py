"""What the API tells an operator, as models with their examples."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.gateway.views import example
from shared.contracts.generation import JobState

PartState = Literal["ok", "attention", "away"]

_ALIVE: dict[str, Any] = {
    "hosts": ["color"],
    "machine": "box",
    "pid": 4711,
    "since": "2026-03-02T09:00:00Z",
    "task": "color.name_colors",
    "task_since": "2026-03-02T09:29:58Z",
}
_PART: dict[str, Any] = {
    "name": "worker:color",
    "state": "ok",
    "found": "1 lives",
    "fix": "",
    "alive": [_ALIVE],
}
_QUEUE: dict[str, Any] = {
    "name": "color",
    "waiting": 12,
    "oldest_at": "2026-03-02T09:29:40Z",
    "consumers": 1,
    "needed": True,
}
_JOB: dict[str, Any] = {
    "id": "9c1d5e7f0a2b4c6d8e0f1a3b5c7d9e0f",
    "state": "running",
    "backend": "sdxl",
    "person": "5d0c1b2a39485766",
    "priority": "interactive",
    "created_at": "2026-03-02T09:29:00Z",
    "deadline": "2026-03-02T09:39:00Z",
    "step": 12,
    "steps": 30,
    "pictures": 4,
    "attempt": 1,
    "cancel_requested": False,
    "reason": None,
}
_MODEL: dict[str, Any] = {
    "stage": "segmentation",
    "name": "garments-rtmdet",
    "version": "2026.11.22",
    "sha256": "0" * 64,
    "license": "Apache-2.0",
    "headline": {"name": "mask_map", "value": 0.41},
    "bytes": 23_000_000,
    "trouble": None,
    "photos": 9_800,
    "other_versions": [{"version": "2026.11.20 77aa0b1c2d3e", "photos": 200}],
}


class AliveView(BaseModel):
    """A process that gave a sign of life lately."""

    hosts: list[str] = Field(description="services whose messages it handles; or beat")
    machine: str
    pid: int
    since: datetime
    task: str | None = Field(description="what it is at; null: it waits for work")
    task_since: datetime | None


class PartView(BaseModel):
    """One thing that must work, and the fix where it does not."""

    name: str = Field(
        description="broker, database, storage, queues, photos, sources, feeds, beat, worker:NAME"
    )
    state: PartState
    found: str
    fix: str = Field(description="empty where there is nothing to mend")
    alive: list[AliveView] = Field(default=[], description="of a worker or beat: who lives")

    model_config = example(_PART)


class StatusView(BaseModel):
    """Whether all is well, part by part."""

    well: bool
    parts: list[PartView]
    links: dict[str, str] = Field(description="metrics, and grafana where it is set")

    model_config = example(
        {
            "well": True,
            "parts": [_PART],
            "links": {"metrics": "/metrics", "grafana": "https://grafana.example"},
        }
    )


class QueueView(BaseModel):
    """A queue of the broker."""

    name: str
    waiting: int
    oldest_at: datetime | None = Field(
        description="when the message that is served next was put there; null: none waits"
    )
    consumers: int = Field(description="living workers that take from it")
    needed: bool = Field(description="false: nothing of this installation is sent there")


class QueuesView(BaseModel):
    """All queues by name."""

    queues: list[QueueView]
    in_hand: int = Field(description="messages that workers hold: at work, or to be tried again")

    model_config = example({"queues": [_QUEUE], "in_hand": 1})


class OperatedJob(BaseModel):
    """A drawing job without what it shows: who wished for it is an id, and no name."""

    id: str
    state: JobState
    backend: str = Field(description="who draws it; lookbook: a board")
    person: str = Field(description="the key's id")
    priority: str
    created_at: datetime
    deadline: datetime
    step: int
    steps: int
    pictures: int
    attempt: int
    cancel_requested: bool
    reason: str | None

    model_config = example(_JOB)


class JobPage(BaseModel):
    """Everybody's jobs, the latest first."""

    jobs: list[OperatedJob]
    open: int = Field(description="jobs that wait or are drawn")
    next: str | None = Field(description="cursor of the next page; null: this was the last")

    model_config = example({"jobs": [_JOB], "open": 1, "next": None})


class Headline(BaseModel):
    """The figure that a model is known by."""

    name: str
    value: float | str


class OtherVersion(BaseModel):
    """Photos that another version of a model has seen."""

    version: str
    photos: int


class ModelView(BaseModel):
    """A model that the gateway's settings choose."""

    stage: str
    name: str | None
    version: str | None
    sha256: str | None
    license: str | None
    headline: Headline | None = Field(description="measured on photos it never saw")
    bytes: int
    trouble: str | None = Field(description="why it cannot be told of, with the fix")
    photos: int | None = Field(description="in the ledger by this very model; null: it is not kept")
    other_versions: list[OtherVersion]


class ModelsView(BaseModel):
    """Models in use, and what the ledger still has of others."""

    models: list[ModelView]
    drawer: str = Field(description="who draws: MAPSI_DRAWER")
    outdated: int = Field(description="photos whose analysis other models made")
    command: str | None = Field(description="what analyses those anew; null: there are none")

    model_config = example(
        {
            "models": [_MODEL],
            "drawer": "lookbook",
            "outdated": 200,
            "command": "mapsi ingest --reanalyze",
        }
    )
