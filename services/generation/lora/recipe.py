"""How a LoRA is trained: every number of it, checked before anything is loaded. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Precision = Literal["bf16", "fp16", "no"]
Schedule = Literal["cosine", "constant"]
Optimizer = Literal["adamw", "adamw8bit"]

LEAST: Final = 10
"""Fewer pictures teach a model those pictures and nothing else."""
_FREE: Final = ("steps", "sample_every", "save_every", "device", "sample_prompts", "checkpointing")
"""What may differ when a run is resumed: it changes no step that was done."""


@dataclass(frozen=True)
class Recipe:
    """One training run."""

    steps: int = 1000
    """Updates of the weights."""
    batch: int = 1
    accumulate: int = 4
    """Batches that make one update."""
    rank: int = 16
    alpha: float = 16.0
    """The LoRA's weights count alpha / rank times."""
    rate: float = 1e-4
    text_encoders: bool = False
    text_rate: float = 1e-5
    schedule: Schedule = "cosine"
    warmup: int = 50
    """Updates in which the rate grows from nothing."""
    optimizer: Optimizer = "adamw"
    weight_decay: float = 1e-2
    min_snr: float = 5.0
    """Clips the weight of nearly clean pictures (Hang et al. 2023); 0: all steps weigh the same."""
    caption_dropout: float = 0.1
    """Share of pictures that are learned without their caption, as guidance needs."""
    dropout: float = 0.0
    """Of the LoRA's inputs."""
    clip: float = 1.0
    """The most that gradients may measure together."""
    precision: Precision = "bf16"
    checkpointing: bool = True
    """Compute activations twice instead of keeping them."""
    resolution: int = 1024
    held_out: float = 0.1
    """Share of the pictures that are only measured."""
    seed: int = 0
    device: str = "cuda"
    sample_every: int = 100
    save_every: int = 250
    sample_prompts: tuple[str, ...] = ()
    """Drawn as it learns; none: captions of what is held out."""

    def fixed(self) -> dict[str, Any]:
        """Return what a resumed run must share with the one it goes on from."""
        own = {name: value for name, value in asdict(self).items() if name not in _FREE}
        # The length of a constant schedule changes nothing before its end.
        return own if self.schedule == "constant" else own | {"steps": self.steps}
