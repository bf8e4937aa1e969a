"""The device that a LoRA is trained on, and what to lower where its memory is too small."""

from __future__ import annotations

from typing import Any

from services.generation.lora.recipe import Recipe
from shared.devices import usable_device
from shared.errors import MapsiError, UsageError


def open_accelerator(recipe: Recipe) -> Any:
    """Return accelerate's handle of the device; UsageError where the recipe cannot run here."""
    import torch
    from accelerate import Accelerator

    device = torch.device(usable_device(recipe.device))
    on_gpu = device.type == "cuda"
    if on_gpu:
        torch.cuda.set_device(device)  # accelerate takes the current one
    if recipe.precision == "fp16" and not on_gpu:
        raise UsageError(
            "fp16 needs a GPU; use --precision no or bf16",
            text_ko="fp16에는 GPU가 필요합니다. --precision no 또는 bf16을 쓰세요",
            reason="no_cuda",
        )
    if recipe.precision == "bf16" and on_gpu and not torch.cuda.is_bf16_supported():
        raise UsageError(
            "this GPU has no bf16; use --precision fp16",
            text_ko="이 GPU는 bf16을 지원하지 않습니다. --precision fp16을 쓰세요",
            reason="no_bf16",
        )
    accelerator = Accelerator(
        mixed_precision=recipe.precision,
        gradient_accumulation_steps=recipe.accumulate,
        cpu=not on_gpu,
    )
    if accelerator.num_processes > 1:
        raise UsageError(
            "one process trains on one GPU; start it without `accelerate launch`",
            text_ko="GPU 하나에 프로세스 하나로 학습합니다. `accelerate launch` 없이 실행하세요",
            reason="many_processes",
        )
    return accelerator


def out_of_memory(recipe: Recipe) -> MapsiError:
    """Say what can still be lowered, the cheapest first."""
    lower = [
        word
        for word, possible in (
            ("--checkpointing", not recipe.checkpointing),
            (f"--batch 1 --accumulate {recipe.batch * recipe.accumulate}", recipe.batch > 1),
            ("--optimizer adamw8bit", recipe.optimizer == "adamw"),
            ("--no-text-encoders", recipe.text_encoders),
            ("--precision bf16", recipe.precision == "no"),
            (f"--resolution {recipe.resolution * 3 // 4 // 32 * 32}", recipe.resolution > 512),
            (f"--rank {recipe.rank // 2}", recipe.rank > 4),
        )
        if possible
    ]
    told = ", ".join(lower)
    return MapsiError(
        f"the GPU's memory is too small; try, in this run: {told or 'a larger GPU'}",
        text_ko=f"GPU 메모리가 부족합니다. 이 순서로 낮춰 보세요: {told or '더 큰 GPU'}",
        reason="out_of_memory",
    )
