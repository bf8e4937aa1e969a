"""The same network, wider and at twice the size with nothing frozen: for a GPU."""

_base_ = "mobile.py"

channels = 192
input_scale = (512, 768)
epochs = 60
second_stage_steps = 3000
model = {
    "backbone": {"frozen_stages": -1},
    "neck": {"out_channels": channels, "num_csp_blocks": 2},
    "bbox_head": {"in_channels": channels, "feat_channels": channels},
}
train_pipeline = [
    {"type": "LoadImageFromFile"},
    {"type": "LoadAnnotations", "with_bbox": True, "with_mask": True},
    {"type": "RandomResize", "scale": input_scale, "ratio_range": (0.5, 1.8), "keep_ratio": True},
    {
        "type": "RandomCrop",
        "crop_size": input_scale,
        "recompute_bbox": True,
        "allow_negative_crop": True,
    },
    {"type": "YOLOXHSVRandomAug"},
    {"type": "RandomFlip", "prob": 0.5},
    {"type": "Pad", "size": input_scale, "pad_val": {"img": (114, 114, 114)}},
    {"type": "FilterAnnotations", "min_gt_bbox_wh": (6, 6), "keep_empty": False},
    {"type": "PackDetInputs"},
]
train_dataloader = {"batch_size": 16, "num_workers": 8, "persistent_workers": True}
optim_wrapper = {
    "type": "AmpOptimWrapper",
    "dtype": "bfloat16",
    "optimizer": {"lr": 0.002},
    "loss_scale": 1.0,
}
