"""A ComfyUI server as its public documentation describes its routes.

https://docs.comfy.org/development/comfyui-server/comms_routes: /prompt checks a workflow and
queues it, /queue tells and deletes, /history has what is done, /view serves files, /upload/image
takes them, /interrupt stops what runs. Workflows are run one at a time, by a thread.
"""

from __future__ import annotations

import io
import itertools
import threading
import time
from typing import Any
from uuid import uuid4

import numpy as np
from PIL import Image

from tests.servers.drawing import people
from tests.servers.drawing.http import Asked, DrawingServer, Said

MODELS = ("sd_xl_base_1.0.safetensors",)


class ComfyServer(DrawingServer):
    """Draws flat people by the workflow's own wiring, ``seconds`` each."""

    seconds = 0.0
    fails: str | None = None
    """What a node of every workflow raises."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[tuple[str, str], bytes] = {}
        self.pending: list[tuple[int, str, dict[str, Any]]] = []
        self.running: tuple[int, str, dict[str, Any]] | None = None
        self.history: dict[str, Any] = {}
        self.interrupted = threading.Event()
        self.closed = False
        self._numbers = itertools.count()
        self._work = threading.Thread(target=self._run_all, daemon=True)
        self._work.start()

    def shutdown(self) -> None:
        self.closed = True
        self._work.join()
        super().shutdown()

    def answer(self, asked: Asked) -> Said:
        if self.key and asked.headers.get("authorization") != f"Bearer {self.key}":
            return Said(b"Unauthorized", 401)
        first = asked.path.split("/")[1]
        return getattr(self, f"_{asked.method.lower()}_{first}")(asked)

    def _post_prompt(self, asked: Asked) -> Said:
        body = asked.json()
        errors = _checked(body["prompt"])
        if errors:
            error = {
                "type": "prompt_outputs_failed_validation",
                "message": "Prompt outputs failed validation",
                "details": "",
                "extra_info": {},
            }
            return Said({"error": error, "node_errors": errors}, 400)
        with self.lock:
            entry = (next(self._numbers), str(uuid4()), body["prompt"])
            self.pending.append(entry)
        return Said({"prompt_id": entry[1], "number": entry[0], "node_errors": {}})

    def _get_queue(self, asked: Asked) -> Said:
        with self.lock:
            running = [[*self.running, {}, []]] if self.running else []
            pending = [[*entry, {}, []] for entry in self.pending]
        return Said({"queue_running": running, "queue_pending": pending})

    def _get_system_stats(self, asked: Asked) -> Said:
        return Said({"system": {"os": "posix", "comfyui_version": "0.3.43"}, "devices": []})

    def _post_queue(self, asked: Asked) -> Said:
        gone = asked.json().get("delete", [])
        with self.lock:
            self.pending = [entry for entry in self.pending if entry[1] not in gone]
        return Said()

    def _post_interrupt(self, asked: Asked) -> Said:
        with self.lock:
            if self.running and asked.json().get("prompt_id") in (None, self.running[1]):
                self.interrupted.set()
        return Said()

    def _get_history(self, asked: Asked) -> Said:
        prompt_id = asked.path.rpartition("/")[2]
        with self.lock:
            entry = self.history.get(prompt_id)
        return Said({prompt_id: entry} if entry else {})

    def _get_view(self, asked: Asked) -> Said:
        data = self.files.get((asked.query["type"], asked.query["filename"]))
        return Said(data) if data else Said(b"", 404)

    def _post_upload(self, asked: Asked) -> Said:
        form = asked.form()
        name = asked.body.split(b'filename="', 1)[1].split(b'"', 1)[0].decode()
        self.files["input", name] = form["image"]
        return Said({"name": name, "subfolder": "", "type": "input"})

    def _run_all(self) -> None:
        while not self.closed:
            with self.lock:
                self.running = self.pending.pop(0) if self.pending else None
                self.interrupted.clear()
            if self.running is None:
                time.sleep(0.01)
                continue
            prompt_id, graph = self.running[1:]
            entry = self._run(prompt_id, graph)
            with self.lock:
                self.history[prompt_id] = entry
                self.running = None

    def _run(self, prompt_id: str, graph: dict[str, Any]) -> dict[str, Any]:
        ends = time.monotonic() + self.seconds
        while time.monotonic() < ends:
            if self.closed or self.interrupted.wait(0.01):
                return _ended("error", "execution_interrupted", {"prompt_id": prompt_id})
        if self.fails:
            said = {"exception_message": self.fails, "exception_type": "RuntimeError"}
            return _ended("error", "execution_error", said)
        name = f"mapsi_{len(self.history):05}_.png"
        self.files["output", name] = people.png(self._drawn(graph))
        images = [{"filename": name, "subfolder": "", "type": "output"}]
        saves = next(key for key, node in graph.items() if node["class_type"] == "SaveImage")
        done = _ended("success", "execution_success", {"prompt_id": prompt_id})
        return done | {"outputs": {saves: {"images": images}}}

    def _drawn(self, graph: dict[str, Any]) -> Image.Image:
        sampler = _node(graph, "KSampler")
        prompt = graph[sampler["positive"][0]]["inputs"]["text"]
        latent = graph[sampler["latent_image"][0]]
        if latent["class_type"] == "EmptyLatentImage":
            size = latent["inputs"]
            return people.draw(
                prompt, seed=sampler["seed"], width=size["width"], height=size["height"]
            )
        start = self._uploaded(_node(graph, "LoadImage")["image"])
        anew = np.ones((start.height, start.width))
        if latent["class_type"] == "SetLatentNoiseMask":
            anew = np.asarray(self._uploaded(_node(graph, "LoadImageMask")["image"]), float) / 255
        return people.draw_over(
            start, anew, prompt, seed=sampler["seed"], strength=sampler["denoise"]
        )

    def _uploaded(self, name: str) -> Image.Image:
        return Image.open(io.BytesIO(self.files["input", name]))


def _node(graph: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(node["inputs"] for node in graph.values() if node["class_type"] == kind)


def _checked(graph: dict[str, Any]) -> dict[str, Any]:
    model = _node(graph, "CheckpointLoaderSimple")["ckpt_name"]
    if model in MODELS:
        return {}
    error = {
        "type": "value_not_in_list",
        "message": "Value not in list",
        "details": f"ckpt_name: '{model}' not in {list(MODELS)}",
    }
    return {"1": {"errors": [error], "class_type": "CheckpointLoaderSimple"}}


def _ended(status: str, event: str, said: dict[str, Any]) -> dict[str, Any]:
    messages = [["execution_start", {}], [event, said]]
    return {
        "outputs": {},
        "status": {
            "status_str": status, "completed": status == "success", "messages": messages,
        },
    }  # fmt: skip
