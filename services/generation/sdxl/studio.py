"""Drawing with loaded models: what is alike at once, within the memory there is."""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from services.generation.backends import Drawing, Drawn, Watch
from services.generation.sdxl import brush, manifest
from services.generation.sdxl.brush import Follower, Recipe, Text
from services.generation.sdxl.loras import Use, Wardrobe
from services.generation.sdxl.models import Models
from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.vision import Checker
from shared.errors import PermanentError
from shared.imaging import Pixels

if TYPE_CHECKING:
    import torch

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, eq=False)
class Task:
    """One picture of a call."""

    place: int
    """Among the call's drawings."""
    drawing: Drawing
    text: Text


class Studio:
    """Models, the LoRAs they wear, and how much fits into the memory."""

    def __init__(
        self, models: Models, settings: SdxlSettings, *, checker: Checker | None = None
    ) -> None:
        """Draw with ``models``, which wear no LoRA yet."""
        self._models = models
        self._settings = settings
        self._checker = checker
        self._wardrobe = Wardrobe(models.worn_by, settings)
        self._wears: tuple[Use, ...] = ()
        self._fits: dict[int, int] = {}

    def draw(self, drawings: Sequence[Drawing], *, watch: Watch) -> list[Drawn]:
        """Draw all; those that are alike at once."""
        done: dict[int, Drawn] = {}
        everything = range(len(drawings))
        follower = Follower(watch, self._settings, pictures=len(drawings))
        for uses, members in _grouped(everything, lambda at: self._uses(drawings[at])):
            worn = self._wear(uses)
            texts = {at: self._encode(drawings[at]) for at in members}
            kinds = {at: _likeness(drawings[at], texts[at]) for at in members}
            for _, like in _grouped(members, kinds.__getitem__):
                tasks = [Task(at, drawings[at], texts[at]) for at in like]
                done |= dict(zip(like, self._draw(tasks, worn, follower), strict=True))
        return [done[at] for at in everything]

    def _uses(self, drawing: Drawing) -> tuple[Use, ...]:
        named = {use.source: use.scale for use in drawing.loras} or self._settings.sdxl_loras
        uses = [Use(source, scale) for source, scale in named.items()]
        if drawing.preset == "fast" and self._settings.sdxl_fast_lora:
            uses.append(Use(self._settings.sdxl_fast_lora, 1.0))
        return tuple(uses)

    def _wear(self, uses: tuple[Use, ...]) -> list[dict[str, Any]]:
        if uses != self._wears:
            self._wears = ()  # what holds if a LoRA is missing
            for encoders in (self._models.encoders, self._models.refiner_encoders):
                if encoders is not None:
                    encoders.forget()
        worn = self._wardrobe.wear(uses)
        self._wears = uses
        return worn

    def _encode(self, drawing: Drawing) -> Text:
        guided = Recipe.of(drawing, self._settings).guidance > 1
        return brush.encode(drawing, models=self._models, guided=guided)

    def _draw(
        self, tasks: Sequence[Task], worn: list[dict[str, Any]], follower: Follower
    ) -> list[Drawn]:
        recipe = Recipe.of(tasks[0].drawing, self._settings)
        start = perf_counter()
        latents, batch = self._latents(tasks, recipe, follower)
        pictures = [
            brush.blend(task.drawing, self._develop(latents[at : at + 1]))
            for at, task in enumerate(tasks)
        ]
        seconds = round((perf_counter() - start) / len(tasks), 3)
        how = manifest.drawn(recipe, self._models, self._settings)
        how |= {"loras": worn, "batch": batch, "seconds": seconds}
        return [
            self._checked(pixels, manifest.asked(task.drawing, task.text) | how)
            for pixels, task in zip(pictures, tasks, strict=True)
        ]

    def _latents(
        self, tasks: Sequence[Task], recipe: Recipe, follower: Follower
    ) -> tuple[torch.Tensor, int]:
        """Draw in batches as large as the memory allows; return the largest's size, too."""
        import torch

        width, height = tasks[0].drawing.width, tasks[0].drawing.height
        parts: list[torch.Tensor] = []
        rest = list(tasks)
        while rest:
            size = min(self._fits.get(width * height, self._settings.sdxl_batch), len(rest))
            now = rest[:size]
            follower.begin(
                [task.place for task in now], runs=recipe.runs, batches=-(-len(rest) // size)
            )
            try:
                parts.append(self._batch(now, recipe, follower))
            except torch.OutOfMemoryError as error:
                if size == 1:
                    raise _no_memory(width, height) from error
                self._fits[width * height] = size // 2
            else:
                follower.end()
                rest = rest[size:]
                continue
            _free()  # out here, where the error holds the batch's tensors no longer
        return torch.cat(parts), max(len(part) for part in parts)

    def _batch(self, tasks: Sequence[Task], recipe: Recipe, follower: Follower) -> torch.Tensor:
        return brush.draw_latents(
            [task.drawing for task in tasks],
            [task.text for task in tasks],
            recipe=recipe,
            models=self._models,
            follower=follower,
        )

    def _develop(self, latents: torch.Tensor) -> Pixels:
        """Turn latents into pixels, by tiles from where on the memory does not hold the whole."""
        import torch

        try:
            return brush.develop(latents, models=self._models)
        except torch.OutOfMemoryError:
            _tile(self._models.vae)
        _free()
        try:
            return brush.develop(latents, models=self._models)
        except torch.OutOfMemoryError as error:
            raise _no_memory(8 * latents.shape[3], 8 * latents.shape[2]) from error

    def _checked(self, pixels: Pixels, written: dict[str, Any]) -> Drawn:
        """Withhold what must not be shown; without a checker only the owner may see a picture."""
        if self._checker is None:
            return Drawn(pixels, written | {"checked_by": None, "shown_to": "owner"})
        unsafe = self._checker.unsafe([pixels])[0]
        withheld = unsafe >= self._settings.sdxl_checker_threshold
        written |= {"checked_by": self._checker.name, "unsafe": round(unsafe, 4)}
        if withheld:
            grey = np.full_like(pixels, 128)
            return Drawn(grey, written | {"withheld": True, "shown_to": "nobody"})
        return Drawn(pixels, written | {"withheld": False, "shown_to": "anyone"})


def _tile(vae: Any) -> None:
    """Decode in tiles of half a side of what the VAE was made for; as it is, none would be cut."""
    if not vae.use_tiling:
        vae.enable_tiling()
        vae.tile_sample_min_size //= 2
        vae.tile_latent_min_size //= 2


def _free() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _grouped(places: Iterable[int], key: Callable[[int], Key]) -> list[tuple[Key, list[int]]]:
    """Group places by ``key``, in the order in which the groups begin."""
    groups: dict[Key, list[int]] = {}
    for at in places:
        groups.setdefault(key(at), []).append(at)
    return list(groups.items())


def _likeness(drawing: Drawing, text: Text) -> Hashable:
    """Return what pictures of one batch have in common."""
    drawn_on = (manifest.kind(drawing), drawing.strength, drawing.preset)
    return (drawing.width, drawing.height, text.prompt.count.windows, drawn_on)


def _no_memory(width: int, height: int) -> PermanentError:
    return PermanentError(
        f"the memory does not hold a picture of {width}x{height}; ask for a smaller one",
        text_ko=f"{width}x{height} 그림에는 메모리가 부족합니다. 더 작은 크기로 요청하세요",
        reason="out_of_memory",
    )
