"""Fits mmdet's own configurations to how we train: by steps, on one machine, from our files."""

from __future__ import annotations

from typing import Any


def fit_to_our_training(config: Any) -> None:
    """Change a Config made for COCO by epochs on eight GPUs; the network stays what it is."""
    for name in ("dataloader", "cfg", "evaluator"):
        config[f"val_{name}"] = config[f"test_{name}"] = None
    config.train_dataloader.sampler = {"type": "InfiniteSampler", "shuffle": True}
    config.train_dataloader.batch_sampler = None
    for step in config.train_pipeline:
        if step.type == "LoadAnnotations":
            step.poly2mask = True  # our masks are run-length codes, which polygons cannot hold
    _one_machine(config.model)
    config.default_hooks = {
        "logger": {"type": "LoggerHook", "interval": 10},
        "checkpoint": {
            "type": "CheckpointHook",
            "by_epoch": False,
            "interval": 500,
            "max_keep_ckpts": 2,
        },
    }
    config.custom_hooks = [
        {
            "type": "EMAHook",
            "ema_type": "ExpMomentumEMA",
            "momentum": 0.0005,
            "gamma": 500,
            "update_buffers": True,
            "priority": 49,
        }
    ]
    config.log_processor = {"by_epoch": False}
    config.randomness = {"seed": 7}


def _one_machine(node: Any) -> None:
    """Replace batch norms that wait for other GPUs; they do not run on a CPU."""
    for value in node.values() if isinstance(node, dict) else node:
        if isinstance(value, dict) and value.get("type") == "SyncBN":
            value["type"] = "BN"
        if isinstance(value, (dict, list)):
            _one_machine(value)
