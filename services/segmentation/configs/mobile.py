"""RTMDet-Ins with 96 channels on MobileNetV2: trains on two CPU cores within the hour.

The early stages keep their ImageNet weights; batch norms of the backbone are never updated.
Data paths, the number of steps and the folder for the run are set by ``train.py``.
"""

channels = 96
input_scale = (256, 384)
epochs = 10
second_stage_steps = 600
norm = {"type": "BN"}
activation = {"type": "SiLU", "inplace": True}

default_scope = "mmdet"
model = {
    "type": "RTMDet",
    "data_preprocessor": {
        "type": "DetDataPreprocessor",
        "mean": [123.675, 116.28, 103.53],
        "std": [58.395, 57.12, 57.375],
        "bgr_to_rgb": True,
        "pad_size_divisor": 32,
    },
    "backbone": {
        "type": "MobileNetV2",
        "out_indices": (2, 4, 6),
        "frozen_stages": 3,
        "norm_cfg": norm,
        "norm_eval": True,
    },
    "neck": {
        "type": "CSPNeXtPAFPN",
        "in_channels": [32, 96, 320],
        "out_channels": channels,
        "num_csp_blocks": 1,
        "expand_ratio": 0.5,
        "norm_cfg": norm,
        "act_cfg": activation,
    },
    "bbox_head": {
        "type": "RTMDetInsSepBNHead",
        "num_classes": 13,
        "in_channels": channels,
        "feat_channels": channels,
        "stacked_convs": 2,
        "share_conv": True,
        "pred_kernel_size": 1,
        "act_cfg": activation,
        "norm_cfg": norm,
        "anchor_generator": {"type": "MlvlPointGenerator", "offset": 0, "strides": [8, 16, 32]},
        "bbox_coder": {"type": "DistancePointBBoxCoder"},
        "loss_cls": {
            "type": "QualityFocalLoss",
            "use_sigmoid": True,
            "beta": 2.0,
            "loss_weight": 1.0,
        },
        "loss_bbox": {"type": "GIoULoss", "loss_weight": 2.0},
        "loss_mask": {"type": "DiceLoss", "loss_weight": 2.0, "eps": 5e-6, "reduction": "mean"},
    },
    "train_cfg": {
        "assigner": {"type": "DynamicSoftLabelAssigner", "topk": 13},
        "allowed_border": -1,
        "pos_weight": -1,
        "debug": False,
    },
    "test_cfg": {
        "nms_pre": 300,
        "min_bbox_size": 0,
        "score_thr": 0.05,
        "nms": {"type": "nms", "iou_threshold": 0.6},
        "max_per_img": 30,
        "mask_thr_binary": 0.5,
    },
}
train_pipeline = [
    {"type": "LoadImageFromFile"},
    {"type": "LoadAnnotations", "with_bbox": True, "with_mask": True},
    {"type": "RandomResize", "scale": input_scale, "ratio_range": (0.6, 1.7), "keep_ratio": True},
    {
        "type": "RandomCrop",
        "crop_size": input_scale,
        "recompute_bbox": True,
        "allow_negative_crop": True,
    },
    {"type": "YOLOXHSVRandomAug", "hue_delta": 4, "saturation_delta": 30, "value_delta": 30},
    {"type": "RandomFlip", "prob": 0.5},
    {"type": "Pad", "size": input_scale, "pad_val": {"img": (114, 114, 114)}},
    {"type": "FilterAnnotations", "min_gt_bbox_wh": (6, 6), "keep_empty": False},
    {"type": "PackDetInputs"},
]
train_dataloader = {
    "batch_size": 8,
    "num_workers": 0,
    "persistent_workers": False,
    "sampler": {"type": "InfiniteSampler", "shuffle": True},
}
optim_wrapper = {
    "type": "OptimWrapper",
    "optimizer": {"type": "AdamW", "lr": 0.0012, "weight_decay": 0.05},
    "clip_grad": {"max_norm": 20},
    "paramwise_cfg": {
        "norm_decay_mult": 0,
        "bias_decay_mult": 0,
        "bypass_duplicate": True,
        "custom_keys": {"backbone": {"lr_mult": 0.5}},
    },
}
default_hooks = {
    "logger": {"type": "LoggerHook", "interval": 10},
    "checkpoint": {
        "type": "CheckpointHook",
        "by_epoch": False,
        "interval": 200,
        "max_keep_ckpts": 2,
    },
}
custom_hooks = [
    {
        "type": "EMAHook",
        "ema_type": "ExpMomentumEMA",
        "momentum": 0.002,
        "gamma": 200,
        "update_buffers": True,
        "priority": 49,
    }
]
log_processor = {"by_epoch": False}
randomness = {"seed": 7}
