"""What a ComfyUI server answers, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from services.generation.remote.server import Said
from shared.errors import PermanentError, RetryableError
from shared.quoting import quotable


class Queued(Said):
    """A workflow was taken."""

    prompt_id: str = Field(pattern="^[A-Za-z0-9_-]{1,100}$")


class Uploaded(Said):
    """Where an uploaded picture lies."""

    name: str = Field(max_length=255)
    subfolder: str = Field(default="", max_length=255)


class File(Said):
    """A picture that a node made."""

    filename: str = Field(max_length=255)
    subfolder: str = Field(default="", max_length=255)
    type: str = Field(default="output", max_length=20)


class Output(Said):
    """What one node made."""

    images: tuple[File, ...] = ()


class Status(Said):
    """How a workflow went."""

    status_str: str = ""
    completed: bool = False
    messages: tuple[tuple[str, dict[str, Any]], ...] = ()


class Entry(Said):
    """One workflow of the history."""

    outputs: dict[str, Output] = Field(default={})
    status: Status | None = None


class History(Said):
    """What the history has."""

    entries: dict[str, Entry]


class Queue(Said):
    """What is drawn and what waits."""

    queue_running: tuple[tuple[Any, ...], ...] = ()
    queue_pending: tuple[tuple[Any, ...], ...] = ()

    def running(self, prompt_id: str) -> bool:
        """Tell whether it is being drawn now."""
        return any(prompt_id in entry[:2] for entry in self.queue_running)

    def pending(self, prompt_id: str) -> bool:
        """Tell whether it waits for others."""
        return any(prompt_id in entry[:2] for entry in self.queue_pending)


class System(Said):
    """What the server is."""

    comfyui_version: str = Field(default="?", max_length=40)


class SystemStats(Said):
    """How the server is."""

    system: System


def is_drawn(status: Status) -> bool:
    """Tell whether it was drawn; raises where it failed or was interrupted."""
    if status.status_str != "error":
        return status.completed
    said = dict(status.messages)
    if "execution_interrupted" in said:
        raise RetryableError(
            "somebody stopped the picture on the ComfyUI server",
            text_ko="ComfyUI 서버에서 누군가 그리기를 멈췄습니다",
            reason="interrupted",
        )
    told = quotable(str(said.get("execution_error", {}).get("exception_message", ""))[:200])
    raise PermanentError(
        f"the ComfyUI server could not draw it: {told}",
        text_ko=f"ComfyUI 서버가 그리지 못했습니다: {told}",
        reason="server_refused",
    )


def picture_of(entry: Entry) -> File:
    """Return the first picture that was saved, or else one that was only shown."""
    for kind in ("output", "temp"):
        for file in _files(entry):
            if file.type == kind:
                return file
    raise PermanentError(
        "the workflow saved no picture; give it a SaveImage node",
        text_ko="워크플로가 그림을 저장하지 않았습니다. SaveImage 노드를 넣으세요",
        reason="no_picture",
    )


def _files(entry: Entry) -> Iterator[File]:
    for output in entry.outputs.values():
        yield from output.images


def lost() -> RetryableError:
    """Return the error of a picture that is neither queued nor done."""
    return RetryableError(
        "the ComfyUI server knows nothing of the picture any more; was it restarted?",
        text_ko="ComfyUI 서버가 그림을 잊었습니다. 다시 시작되었나요?",
        reason="drawer_away",
    )


def late(seconds: float) -> RetryableError:
    """Return the error of a picture that took longer than ``seconds``."""
    return RetryableError(
        f"the ComfyUI server had not drawn it after {seconds:g} s",
        text_ko=f"ComfyUI 서버가 {seconds:g}초 안에 그리지 못했습니다",
        reason="drawer_away",
    )
