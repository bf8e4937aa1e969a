"""Where torch computes: named as torch does, and looked at before anything long begins."""

from __future__ import annotations

import sys

from shared.errors import UsageError


def usable_device(name: str) -> str:
    """Return ``name`` ("cpu", "cuda", "cuda:1") where torch can compute there.

    Raises UsageError where the name says nothing to torch, or there is no such GPU.
    """
    import torch

    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(
            f"{name}: no device of torch's; choose cpu, cuda or cuda:1",
            text_ko=f"{name}: torch에 없는 장치입니다. cpu, cuda, cuda:1 중에서 고르세요",
            reason="unknown_device",
        ) from error
    count = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= count:
        raise UsageError(
            f"{name}: torch {torch.__version__} sees {count} GPUs here; choose cpu, or look at "
            "what nvidia-smi says and whether this torch is built for CUDA",
            text_ko=f"{name}: torch {torch.__version__}에서 보이는 GPU는 {count}개입니다. cpu를 "
            "고르거나, nvidia-smi의 출력과 이 torch가 CUDA용인지 확인하세요",
            reason="no_gpu",
        )
    return name


def gpu_memory() -> dict[str, int] | None:
    """Return bytes of GPU memory: ``used`` and at ``peak`` by this process, ``total`` of its GPUs.

    What torch has taken counts, its cache too. None where this process computes on no GPU; torch
    is not loaded for the question.
    """
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return None
    cuda = torch.cuda
    mine = [number for number in range(cuda.device_count()) if cuda.max_memory_reserved(number)]
    return {
        "used": sum(cuda.memory_reserved(number) for number in mine),
        "peak": sum(cuda.max_memory_reserved(number) for number in mine),
        "total": sum(cuda.mem_get_info(number)[1] for number in mine),
    }
