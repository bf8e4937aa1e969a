"""Finishing: a passed picture is enlarged, sharpened, toned and written in the asked form."""

from services.generation.finishing.encoding import FORMATS, SIZES, encode
from services.generation.finishing.finishing import Finish, Finished, Tone, finish
from services.generation.finishing.upscaling import open_upscaler

__all__ = ["FORMATS", "SIZES", "Finish", "Finished", "Tone", "encode", "finish", "open_upscaler"]
