"""From an order to what a backend is asked for: prompt, seeds, and where an edit begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.generation.backends import Drawing
from services.generation.domain import seed_of
from services.generation.editing import Plan, composite, plan, psnr_outside
from services.generation.files import JobFiles, raw_name, sight_name
from services.generation.prompts import Prompt, compose
from shared.contracts.generation import Edit, LookWish, Order, SeenPicture
from shared.errors import PermanentError
from shared.imaging import Pixels, decode


@dataclass(frozen=True, eq=False)
class Parent:
    """The picture that an edit begins with, as it was drawn, and what of it is drawn anew."""

    pixels: Pixels
    seed: int
    plan: Plan


@dataclass(frozen=True, eq=False)
class Sheet:
    """An order, ready to be drawn."""

    order: Order
    files: JobFiles
    prompt: Prompt
    drawings: tuple[Drawing, ...]
    parent: Parent | None

    def whole(self, pixels: Pixels) -> Pixels:
        """Return a drawn picture; of an edit, with the parent's own bits outside the mask."""
        if self.parent is None or self.parent.plan.mask is None:
            return pixels
        return composite(self.parent.pixels, pixels, self.parent.plan.mask)

    def facts(self, pixels: Pixels) -> dict[str, Any]:
        """Return what the manifest says besides what the backend says."""
        facts: dict[str, Any] = {"notes": list(self.prompt.notes)} if self.prompt.notes else {}
        if self.parent is None:
            return facts
        mask, change = self.parent.plan.mask, self.parent.plan.change
        edit: dict[str, Any] = {"change": change, "strength": self.parent.plan.strength}
        if mask is not None:
            apart = psnr_outside(self.parent.pixels, pixels, mask)
            edit["masked"] = round(float((mask > 0).mean()), 4)
            # JSON knows no infinity: null says that every bit outside stayed.
            edit["psnr_outside"] = round(apart, 2) if apart != float("inf") else None
        return facts | {"edit": edit}


def prepare(order: Order, files: JobFiles) -> Sheet:
    """Return what to draw for ``order``.

    Raises PermanentError where the picture that an edit begins with is not there, and
    RetryableError where the store is away.
    """
    wish = order.wish
    prompt = compose(wish, stress=order.stress)
    parent = _parent(wish, wish.edit, files) if wish.edit else None
    seed = parent.seed if parent else wish.seed
    numbers = range(1, wish.variants + 1)
    seeds = [seed_of(seed, attempt=order.attempt, variant=number) for number in numbers]
    drawings = tuple(_drawing(wish, prompt, parent, seed) for seed in seeds)
    return Sheet(order, files, prompt, drawings, parent)


def _drawing(wish: LookWish, prompt: Prompt, parent: Parent | None, seed: int) -> Drawing:
    height, width = parent.pixels.shape[:2] if parent else (wish.height, wish.width)
    return Drawing(
        prompt=prompt.prompt,
        negative=prompt.negative,
        seed=seed,
        width=width,
        height=height,
        preset=wish.preset,
        start=parent.pixels if parent else None,
        mask=parent.plan.mask if parent else None,
        strength=parent.plan.strength if parent else None,
    )


def _parent(wish: LookWish, edit: Edit, files: JobFiles) -> Parent:
    store = JobFiles(edit.of, files.storage)
    end = store.end()
    pictures: Sequence[dict[str, Any]] = end.manifest.get("pictures", ()) if end else ()
    if end is None or edit.variant > len(pictures):
        raise PermanentError(
            f"the picture to be changed, {edit.of[:8]} variant {edit.variant}, is not there",
            text_ko=f"바꿀 그림({edit.of[:8]}, {edit.variant}번)이 없습니다",
            reason="no_parent",
        )
    before = LookWish.model_validate(end.manifest["wish"])
    raw = store.storage.get(store.key(raw_name(edit.variant)))
    seen = SeenPicture.model_validate_json(store.storage.get(store.key(sight_name(edit.variant))))
    pixels = decode(raw, name=f"picture {edit.of[:8]}").pixels
    planned = plan(before, wish, seen.garments, pixels, faces=seen.faces)
    return Parent(pixels, int(pictures[edit.variant - 1]["seed"]), planned)
