"""Prompts: a wish becomes the caption that the model was trained with. Pure."""

from services.generation.prompts.composing import Prompt, caption, compose

__all__ = ["Prompt", "caption", "compose"]
