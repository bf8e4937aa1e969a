"""The same network, wider and at twice the size with nothing frozen: for a GPU."""

_base_ = "mobile.py"

channels = 192
input_scale = (512, 768)
epochs = 60
model = dict(
    backbone=dict(frozen_stages=-1),
    neck=dict(out_channels=channels, num_csp_blocks=2),
    bbox_head=dict(in_channels=channels, feat_channels=channels),
)
train_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations", with_bbox=True, with_mask=True),
    dict(type="RandomResize", scale=input_scale, ratio_range=(0.5, 1.8), keep_ratio=True),
    dict(
        type="RandomCrop",
        crop_size=input_scale,
        recompute_bbox=True,
        allow_negative_crop=True,
    ),
    dict(type="YOLOXHSVRandomAug"),
    dict(type="RandomFlip", prob=0.5),
    dict(type="Pad", size=input_scale, pad_val=dict(img=(114, 114, 114))),
    dict(type="FilterAnnotations", min_gt_bbox_wh=(6, 6), keep_empty=False),
    dict(type="PackDetInputs"),
]
train_dataloader = dict(batch_size=16, num_workers=8, persistent_workers=True)
optim_wrapper = dict(
    type="AmpOptimWrapper", dtype="bfloat16", optimizer=dict(lr=0.002), loss_scale=1.0
)
