"""An endpoint with OpenAI's images API, as its public reference describes it.

https://platform.openai.com/docs/api-reference/images: JSON for generations, multipart for edits,
whose mask says by zero alpha what is drawn anew; ``b64_json`` or ``url`` in ``data``.
"""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
from PIL import Image

from tests.servers.drawing import people
from tests.servers.drawing.http import Asked, DrawingServer, Said


class OpenAIServer(DrawingServer):
    """Draws flat people; ``by_url`` answers with addresses of pictures instead of pictures."""

    sizes = ("1024x1024", "1024x1536", "1536x1024")
    by_url = False

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[bytes] = []

    def answer(self, asked: Asked) -> Said:
        if self.key and asked.headers.get("authorization") != f"Bearer {self.key}":
            return refusal(401, "invalid_api_key", "Incorrect API key provided.")
        if asked.path.startswith("/pictures/"):
            return Said(self.pictures[int(asked.path.removeprefix("/pictures/"))])
        if asked.path == "/v1/images/generations":
            return self._generated(asked.json())
        if asked.path == "/v1/images/edits":
            return self._edited(asked.form())
        return refusal(404, "not_found", "Unknown path.")

    def _generated(self, body: dict[str, Any]) -> Said:
        if body["size"] not in self.sizes:
            return refusal(400, "invalid_value", f"Invalid value: '{body['size']}'.")
        if "forbidden" in body["prompt"]:
            return refusal(400, "moderation_blocked", "Your request was rejected.")
        width, height = map(int, body["size"].split("x"))
        seed = body.get("seed", len(self.asked))
        return self._drawn(people.draw(body["prompt"], seed=seed, width=width, height=height))

    def _edited(self, form: dict[str, bytes]) -> Said:
        if form["size"].decode() not in self.sizes:
            return refusal(400, "invalid_value", "Invalid size.")
        start = Image.open(io.BytesIO(form["image"]))
        anew = np.ones((start.height, start.width))
        if "mask" in form:
            mask = Image.open(io.BytesIO(form["mask"]))
            if mask.size != start.size or mask.mode != "RGBA":
                return refusal(400, "invalid_mask", "The mask does not fit the image.")
            anew = (np.asarray(mask.getchannel("A")) == 0).astype(float)
        seed = int(form.get("seed", b"0"))
        prompt = form["prompt"].decode()
        return self._drawn(people.draw_over(start, anew, prompt, seed=seed))

    def _drawn(self, image: Image.Image) -> Said:
        data = people.png(image)
        if not self.by_url:
            return picture(data)
        with self.lock:
            self.pictures.append(data)
            return linked(f"{self.url}/pictures/{len(self.pictures) - 1}")


def picture(data: bytes) -> Said:
    """Return an answer with a picture in it."""
    said = {"created": 1_772_000_000, "data": [{"b64_json": base64.b64encode(data).decode()}]}
    return Said(said | {"usage": {"total_tokens": 100}})


def linked(url: str) -> Said:
    """Return an answer that names where the picture is."""
    return Said({"created": 1_772_000_000, "data": [{"url": url}]})


def refusal(status: int, code: str, message: str, **headers: str) -> Said:
    """Return an error as OpenAI words it; ``retry_after="2"`` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return Said(json.dumps({"error": error}).encode(), status, named)
