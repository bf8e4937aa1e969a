"""Reads weights from files: safetensors, or PyTorch's own format without running what is in it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from shared.errors import UsageError


def read_weights(path: Path) -> dict[str, Any]:
    """Return the tensors of a ``.safetensors`` file, or of a ``.pth`` with a ``state_dict``.

    A ``.pth`` is a pickle, which could run code: only tensors and plain values are accepted.
    Raises UsageError.
    """
    import torch

    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return dict(load_file(path))
        except SafetensorError as error:
            raise _unreadable(path) from error
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise _unreadable(path) from error
    weights = content.get("state_dict", content) if isinstance(content, dict) else {}
    tensors = {key: value for key, value in weights.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise _unreadable(path)
    return tensors


def keep_checkpoints_plain(runner: Any) -> None:
    """Let a Runner write checkpoints that can be read, and resumed, without running code.

    mmengine adds its log's history as objects of its own; a run does without it.
    """
    from mmengine.hooks import Hook

    class PlainCheckpoints(Hook):  # type: ignore[misc]
        def before_save_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
            empty: dict[str, Any] = {"log_scalars": {}, "runtime_info": {}, "resumed_keys": {}}
            checkpoint["message_hub"] = empty

    runner.register_hook(PlainCheckpoints())


def _unreadable(path: Path) -> UsageError:
    return UsageError(
        f"{path}: no weights that can be read safely; name a .safetensors file or a .pth that "
        "holds only tensors, as mmdet's publish_model.py writes it",
        text_ko=f"{path}: 안전하게 읽을 수 있는 가중치가 아닙니다. .safetensors나 mmdet의 "
        "publish_model.py가 만든, 텐서만 든 .pth 파일을 지정하세요",
        reason="unreadable_weights",
    )
