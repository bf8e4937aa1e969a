"""The backend ``comfyui``: a workflow, with its places filled in, on a ComfyUI server.

The workflow is JSON in ComfyUI's API format (its menu "Export (API)") and may be the operator's
own: models, LoRAs and samplers are its matter. ``%prompt%`` and the other places are ours to fill.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

import numpy as np
from PIL import Image

from services.generation.backends import Drawing, Drawn, Watch
from services.generation.remote.comfyui_answers import (
    Entry,
    File,
    History,
    Queue,
    Queued,
    SystemStats,
    Uploaded,
    is_drawn,
    late,
    lost,
    picture_of,
)
from services.generation.remote.frame import Frame, kept_outside
from services.generation.remote.server import Server, Waiting, told_of
from services.generation.remote.settings import RemoteSettings
from services.generation.remote.template import filled, places
from shared.errors import MapsiError, PermanentError

_SHIPPED: Final = Path(__file__).parent / "workflows"
_NEEDS: Final = {
    "text_to_image": frozenset({"prompt"}),
    "image_to_image": frozenset({"prompt", "start"}),
    "inpaint": frozenset({"prompt", "start", "mask"}),
}
_STRENGTH: Final = {"image_to_image": 0.6, "inpaint": 1.0}
"""Where the drawing names none."""
_LOOK: Final = 0.5
"""Seconds between two looks at the history."""
_LOST: Final = 20
"""Looks after which a picture that is neither queued nor done counts as lost."""


class ComfyUI:
    """Draws by queueing a workflow and looking at the history until it is done."""

    name = "comfyui"

    def __init__(self, settings: RemoteSettings) -> None:
        self._settings = settings
        key = settings.comfyui_key
        self._server = Server(
            (settings.comfyui_url or "").rstrip("/"),
            "MAPSI_GENERATION_COMFYUI_URL",
            key=key.get_secret_value() if key else None,
        )
        self._client = uuid4().hex

    def load(self) -> None:
        """Check the address and the workflows; PermanentError where one is missing."""
        if not self._settings.comfyui_url:
            raise PermanentError(
                "no ComfyUI server is named; set MAPSI_GENERATION_COMFYUI_URL, http://host:8188",
                text_ko="ComfyUI 서버 주소가 없습니다. MAPSI_GENERATION_COMFYUI_URL을 정하세요",
                reason="no_endpoint",
            )
        _ = self._workflows

    def check(self) -> str:
        """Ask whether the server answers; return where it is. Fails as ``draw`` does."""
        self.load()
        data = self._server.get("/system_stats", waiting=_ignore)
        version = self._server.read(SystemStats, data).system.comfyui_version
        return f"{self._server.host}, ComfyUI {version}"

    def draw(self, drawings: Sequence[Drawing], *, watch: Watch) -> list[Drawn]:
        """Draw one after the other; fails as ``Backend.draw`` says."""
        self.load()
        steps = len(drawings)
        drawn = [
            self._draw(one, told_of(watch, number, steps)) for number, one in enumerate(drawings)
        ]
        watch.step(steps, steps, None)
        return drawn

    @cached_property
    def _workflows(self) -> dict[str, Any]:
        folder = self._settings.comfyui_workflows or _SHIPPED
        return {name: _workflow(folder / f"{name}.json", needs) for name, needs in _NEEDS.items()}

    def _draw(self, drawing: Drawing, waiting: Waiting) -> Drawn:
        waiting()
        started = time.monotonic()
        kind = _kind(drawing)
        values = self._values(drawing, kind) | self._uploaded(drawing, waiting)
        body = {"prompt": filled(self._workflows[kind], values), "client_id": self._client}
        # Not to be called off: the picture would be queued under an id that nobody knows.
        queued = self._server.read(Queued, self._server.post("/prompt", body, waiting=_ignore))
        try:
            file = self._awaited(queued.prompt_id, waiting, until=started)
        except BaseException:
            self._stop(queued.prompt_id)
            raise
        data = self._server.get(f"/view?{urlencode(file.model_dump())}", waiting=waiting)
        frame = Frame(drawing.width, drawing.height, (drawing.width, drawing.height))
        pixels = frame.cut(self._server.pixels_of(data))
        if drawing.start is not None and drawing.mask is not None:
            pixels = kept_outside(drawing.start, pixels, drawing.mask)
        seconds = round(time.monotonic() - started, 3)
        return Drawn(pixels, self._manifest(drawing, kind, values, seconds=seconds))

    def _values(self, drawing: Drawing, kind: str) -> dict[str, Any]:
        fast = drawing.preset == "fast"
        settings = self._settings
        return {
            "prompt": drawing.prompt,
            "negative": drawing.negative,
            "seed": drawing.seed,
            "width": drawing.width,
            "height": drawing.height,
            "steps": settings.comfyui_fast_steps if fast else settings.comfyui_steps,
            "guidance": settings.comfyui_guidance,
            "model": settings.comfyui_model,
            "strength": drawing.strength or _STRENGTH.get(kind, 1.0),
        }

    def _uploaded(self, drawing: Drawing, waiting: Waiting) -> dict[str, str]:
        """Upload the start picture and the mask; return their names there by place."""
        sheets: dict[str, Any] = {"start": drawing.start}
        if drawing.mask is not None:
            sheets["mask"] = np.rint(drawing.mask * 255).astype(np.uint8)
        names = {}
        for place, pixels in sheets.items():
            if pixels is None:
                continue
            out = BytesIO()
            Image.fromarray(pixels).save(out, "PNG")
            data = out.getvalue()
            file = f"mapsi-{sha256(data).hexdigest()[:32]}.png"
            answer = self._server.post_form(
                "/upload/image",
                {"type": "input", "overwrite": "true"},
                {"image": (file, data)},
                waiting=waiting,
            )
            kept = self._server.read(Uploaded, answer)
            names[place] = f"{kept.subfolder}/{kept.name}" if kept.subfolder else kept.name
        return names

    def _awaited(self, prompt_id: str, waiting: Waiting, *, until: float) -> File:
        """Return the picture's file once the history has it."""
        deadline = until + self._settings.comfyui_seconds
        missed = 0
        while time.monotonic() < deadline:
            waiting()
            entry = self._entry(prompt_id, waiting)
            if entry is not None and (entry.status is None or is_drawn(entry.status)):
                return picture_of(entry)
            missed = 0 if self._is_queued(prompt_id, waiting) else missed + 1
            if missed >= _LOST:
                raise lost()
            time.sleep(_LOOK)
        raise late(self._settings.comfyui_seconds)

    def _entry(self, prompt_id: str, waiting: Waiting) -> Entry | None:
        said = self._server.get(f"/history/{prompt_id}", waiting=waiting)
        history = self._server.read(History, b'{"entries": ' + said + b"}")
        return history.entries.get(prompt_id)

    def _is_queued(self, prompt_id: str, waiting: Waiting) -> bool:
        queue = self._server.read(Queue, self._server.get("/queue", waiting=waiting))
        return queue.running(prompt_id) or queue.pending(prompt_id)

    def _stop(self, prompt_id: str) -> None:
        """Take the picture out of the queue, or interrupt it where it is being drawn.

        Older servers interrupt whatever runs, whichever is named: the queue is asked before.
        """
        try:
            self._server.post("/queue", {"delete": [prompt_id]}, waiting=_ignore)
            queue = self._server.read(Queue, self._server.get("/queue", waiting=_ignore))
            if queue.running(prompt_id):
                self._server.post("/interrupt", {"prompt_id": prompt_id}, waiting=_ignore)
        except MapsiError:  # what stopped us is the news, not that the server did not hear of it
            return

    def _manifest(
        self, drawing: Drawing, kind: str, values: Mapping[str, Any], *, seconds: float
    ) -> dict[str, Any]:
        workflow = json.dumps(self._workflows[kind], sort_keys=True).encode()
        sent = places(self._workflows[kind])
        told = {name: value for name, value in values.items() if name in sent}
        left_out = [name for name in ("negative", "seed") if name not in sent]
        if drawing.loras:
            left_out.append("loras")
        return {
            "backend": self.name,
            "server": self._server.host,
            "workflow": kind,
            "workflow_sha256": sha256(workflow).hexdigest(),
            "prompt": drawing.prompt,
            "negative": drawing.negative,
            "seed": drawing.seed,
            **told,
            "left_out": left_out,
            "seconds": seconds,
        }


def open_backend(settings: RemoteSettings) -> ComfyUI:
    """Return the backend, not loaded yet."""
    return ComfyUI(settings)


def _kind(drawing: Drawing) -> str:
    if drawing.start is None:
        return "text_to_image"
    return "image_to_image" if drawing.mask is None else "inpaint"


def _workflow(file: Path, needs: frozenset[str]) -> Any:
    """Read a workflow; PermanentError where it is none or lacks a place."""
    try:
        workflow = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise _bad_workflow(file, "cannot be read as JSON", "JSON으로 읽을 수 없습니다") from error
    nodes = list(workflow.values()) if isinstance(workflow, dict) else []
    if not nodes or not all(isinstance(node, dict) and "class_type" in node for node in nodes):
        raise _bad_workflow(
            file, 'is not in the API format; use "Export (API)"', "API 형식이 아닙니다"
        )
    missing = sorted(needs - places(workflow))
    if missing:
        names = ", ".join(f"%{name}%" for name in missing)
        raise _bad_workflow(file, f"has no {names}", f"다음이 없습니다: {names}")
    return workflow


def _ignore() -> None:
    """Wait for the server without asking anybody: what it is told now must be told to the end."""


def _bad_workflow(file: Path, english: str, korean: str) -> PermanentError:
    return PermanentError(
        f"{file}: {english}; see MAPSI_GENERATION_COMFYUI_WORKFLOWS",
        text_ko=f"{file}: {korean}. MAPSI_GENERATION_COMFYUI_WORKFLOWS를 보세요",
        reason="bad_workflow",
    )
