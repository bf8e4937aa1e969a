"""The backend ``openai``: any endpoint with OpenAI's images API, generations and edits.

Such a server takes a prompt and a size. What it has no field for (the seed, LoRAs, strength) is
left out, and the manifest says so.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

import numpy as np
from PIL import Image

from services.generation.backends import Drawing, Drawn, Watch
from services.generation.remote.frame import Frame, frame_for, kept_outside
from services.generation.remote.server import Said, Server, Waiting, told_of
from services.generation.remote.settings import RemoteSettings
from services.generation.remote.template import filled, places
from shared.errors import PermanentError
from shared.imaging import Pixels

_WEIGHT: Final = re.compile(r"\(([^()]*):\d+(?:\.\d+)?\)")
_QUALITY: Final = {"quality": "high", "fast": "low"}
_TOUCHED: Final = 0.05
"""Mask values above it are drawn anew; the blending afterwards is by the mask itself."""


class _Picture(Said):
    b64_json: str | None = None
    url: str | None = None
    revised_prompt: str | None = None


class _Pictures(Said):
    data: tuple[_Picture, ...] = ()
    usage: dict[str, Any] | None = None


class OpenAIImages:
    """Draws by ``/images/generations``, and what starts from a picture by ``/images/edits``."""

    name = "openai"

    def __init__(self, settings: RemoteSettings) -> None:
        self._settings = settings
        key = settings.openai_key
        self._server = Server(
            (settings.openai_url or "").rstrip("/"),
            "MAPSI_GENERATION_OPENAI_URL",
            key=key.get_secret_value() if key else None,
            seconds=settings.openai_seconds,
        )

    def load(self) -> None:
        """Check that there is an address; PermanentError where there is none."""
        if not self._settings.openai_url:
            raise PermanentError(
                "no endpoint draws; set MAPSI_GENERATION_OPENAI_URL, https://host/v1",
                text_ko="그림을 그릴 서버가 없습니다. MAPSI_GENERATION_OPENAI_URL을 정하세요",
                reason="no_endpoint",
            )

    def check(self) -> str:
        """Ask whether the endpoint answers and takes the key; return where it is.

        Raises PermanentError where the key is refused, RetryableError where nobody answers.
        """
        self.load()
        try:
            self._server.get("/models", waiting=lambda: None)
        except PermanentError as error:
            if error.reason != "server_refused":  # many such servers have no list of models
                raise
        return f"{self._server.host}, {self._settings.openai_model}"

    def draw(self, drawings: Sequence[Drawing], *, watch: Watch) -> list[Drawn]:
        """Draw one after the other; fails as ``Backend.draw`` says."""
        self.load()
        steps = len(drawings)
        drawn = [
            self._draw(one, told_of(watch, number, steps)) for number, one in enumerate(drawings)
        ]
        watch.step(steps, steps, None)
        return drawn

    def _draw(self, drawing: Drawing, waiting: Waiting) -> Drawn:
        waiting()
        started = time.monotonic()
        frame = frame_for(drawing.width, drawing.height, self._settings.openai_shapes)
        answer = self._server.read(_Pictures, self._asked(drawing, frame, waiting))
        if not answer.data:
            raise _no_picture()
        picture = answer.data[0]
        pixels = frame.cut(self._server.pixels_of(self._bytes_of(picture, waiting)))
        if drawing.start is not None and drawing.mask is not None:
            pixels = kept_outside(drawing.start, pixels, drawing.mask)
        seconds = round(time.monotonic() - started, 3)
        return Drawn(pixels, self._manifest(drawing, frame, answer, seconds=seconds))

    def _asked(self, drawing: Drawing, frame: Frame, waiting: Waiting) -> bytes:
        body = self._body(drawing, frame)
        if drawing.start is None:
            return self._server.post("/images/generations", body, waiting=waiting)
        files = {"image": ("image.png", _png(frame.laid(drawing.start)))}
        if drawing.mask is not None:
            opaque = frame.laid_mask(drawing.mask) <= _TOUCHED
            sheet = np.dstack([frame.laid(drawing.start), opaque.astype(np.uint8) * 255])
            files["mask"] = ("mask.png", _png(sheet))
        fields = {name: str(value) for name, value in body.items()}
        return self._server.post_form("/images/edits", fields, files, waiting=waiting)

    def _body(self, drawing: Drawing, frame: Frame) -> dict[str, Any]:
        extra: dict[str, Any] = filled(
            self._settings.openai_extra, {"seed": drawing.seed, "negative": drawing.negative}
        )
        return {
            "model": self._settings.openai_model,
            "prompt": self._prompt(drawing),
            "n": 1,
            "size": f"{frame.sheet[0]}x{frame.sheet[1]}",
            "quality": _QUALITY[drawing.preset],
        } | extra

    def _prompt(self, drawing: Drawing) -> str:
        """Return the words without weights; what shall not be there where no field says it."""
        prompt = _WEIGHT.sub(r"\1", drawing.prompt)
        if not drawing.negative or "negative" in places(self._settings.openai_extra):
            return prompt
        unwanted = _WEIGHT.sub(r"\1", drawing.negative)
        return f"{prompt}\nAvoid: {unwanted}"

    def _bytes_of(self, picture: _Picture, waiting: Waiting) -> bytes:
        if picture.b64_json is not None:
            try:
                return base64.b64decode(picture.b64_json, validate=True)
            except ValueError as error:
                raise _no_picture() from error
        if picture.url is None:
            raise _no_picture()
        return self._server.picture_at(picture.url, waiting=waiting)

    def _manifest(
        self, drawing: Drawing, frame: Frame, answer: _Pictures, *, seconds: float
    ) -> dict[str, Any]:
        sent = places(self._settings.openai_extra)
        given = {
            "seed": "seed" not in sent,
            "loras": bool(drawing.loras),
            "strength": drawing.strength is not None,
        }
        return {
            "backend": self.name,
            "server": self._server.host,
            "model": self._settings.openai_model,
            "prompt": self._prompt(drawing),
            "revised_prompt": answer.data[0].revised_prompt,
            "negative": drawing.negative,
            "seed": drawing.seed,
            "size_asked": list(frame.sheet),
            "left_out": [name for name, is_left_out in given.items() if is_left_out],
            "usage": answer.usage,
            "seconds": seconds,
        }


def open_backend(settings: RemoteSettings) -> OpenAIImages:
    """Return the backend, not loaded yet."""
    return OpenAIImages(settings)


def _png(pixels: Pixels) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def _no_picture() -> PermanentError:
    return PermanentError(
        "the drawing server answered without a picture; check MAPSI_GENERATION_OPENAI_URL and "
        "MAPSI_GENERATION_OPENAI_MODEL",
        text_ko="그림 서버의 답에 그림이 없습니다. MAPSI_GENERATION_OPENAI_URL과 "
        "MAPSI_GENERATION_OPENAI_MODEL을 확인하세요",
        reason="no_picture",
    )
