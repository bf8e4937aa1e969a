"""What is minimised: how far the UNet is from the noise that was added, weighted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.generation.lora.caching import Picture, Text

if TYPE_CHECKING:
    import torch

_PROBED = (0.1, 0.35, 0.6, 0.85)
"""Parts of the noise schedule at which ``measure`` looks."""


@dataclass(frozen=True, eq=False)
class Objective:
    """The loss of a UNet on pictures; holds no random state."""

    unet: Any
    noising: Any
    min_snr: float
    device: Any

    def loss(
        self, pictures: Sequence[Picture], texts: Sequence[Text], *,
        noise: torch.Tensor, sampled: torch.Tensor, times: torch.Tensor,
    ) -> torch.Tensor:  # fmt: skip
        """Return the mean loss of a batch.

        ``noise`` and ``sampled`` (n, 4, h, w) are standard normal: what is added, and where in
        the VAE's spread the latents are; ``times`` (n,) are steps of the schedule.
        """
        import torch

        mean, spread, counted = (
            torch.stack([getattr(one, name) for one in pictures]).to(self.device)
            for name in ("mean", "spread", "counted")
        )
        clean, noise = mean + spread * sampled.to(self.device), noise.to(self.device)
        times = times.to(self.device)
        seen = self.noising.add_noise(clean, noise, times)
        said = self.unet(
            seen,
            times,
            torch.cat([text.states for text in texts]).to(self.device),
            added_cond_kwargs={
                "text_embeds": torch.cat([text.pooled for text in texts]).to(self.device),
                "time_ids": torch.stack([one.time_ids for one in pictures]).to(self.device),
            },
        ).sample
        target = self._target(clean, noise, times)
        error = (said.float() - target.float()).square() * counted
        each = error.sum((1, 2, 3)) / (counted.sum((1, 2, 3)) * error.shape[1])
        return (each * self._weights(times)).mean()

    def measure(self, pictures: Sequence[Picture], texts: Sequence[Text], *, seed: int) -> float:
        """Return the mean loss with the same noise at the same steps each time it is asked."""
        import torch

        total = 0.0
        steps = self.noising.config.num_train_timesteps
        for number, (picture, text) in enumerate(zip(pictures, texts, strict=True)):
            random = torch.Generator().manual_seed(seed + number)
            for part in _PROBED:
                noise = torch.randn((1, *picture.mean.shape), generator=random)
                with torch.no_grad():
                    loss = self.loss(
                        [picture], [text], noise=noise, sampled=torch.zeros_like(noise),
                        times=torch.tensor([int(part * steps)]),
                    )  # fmt: skip
                total += float(loss)
        return total / (len(pictures) * len(_PROBED))

    def _target(
        self, clean: torch.Tensor, noise: torch.Tensor, times: torch.Tensor
    ) -> torch.Tensor:
        if self.noising.config.prediction_type == "v_prediction":
            velocity: torch.Tensor = self.noising.get_velocity(clean, noise, times)
            return velocity
        return noise

    def _weights(self, times: torch.Tensor) -> torch.Tensor:
        """Return min(SNR, gamma) / SNR (Hang et al. 2023), or / (SNR + 1) for a velocity."""
        import torch
        from diffusers.training_utils import compute_snr

        if not self.min_snr:
            return torch.ones_like(times, dtype=torch.float32)
        snr = compute_snr(self.noising, times)
        velocity = self.noising.config.prediction_type == "v_prediction"
        weights: torch.Tensor = snr.clamp(max=self.min_snr) / (snr + 1 if velocity else snr)
        return weights
