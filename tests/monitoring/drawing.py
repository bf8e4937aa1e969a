"""Who draws: pictures in which the made-up segmenter finds what was wished for."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from tests.servers.drawing import people
from tests.servers.drawing.http import Asked, Said
from tests.servers.drawing.openai_images import OpenAIServer, picture

_WHITE: Final = (225, 225, 220)
_NAVY: Final = (25, 30, 90)


class Drawer(OpenAIServer):
    """Draws white over navy: the made-up segmenter takes the lower half for trousers."""

    def answer(self, asked: Asked) -> Said:
        if asked.path != "/v1/images/generations":
            return super().answer(asked)
        width, height = map(int, asked.json()["size"].split("x"))
        pixels = np.random.default_rng(len(self.asked)).integers(0, 20, (height, width, 3))
        pixels[: height // 2] += _WHITE
        pixels[height // 2 :] += _NAVY
        return picture(people.png(Image.fromarray(pixels.astype(np.uint8))))
