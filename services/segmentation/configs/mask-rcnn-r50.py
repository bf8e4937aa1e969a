"""Mask R-CNN (He et al. 2017) with ResNet-50 and FPN: the reference everyone knows; for a GPU."""

_base_ = "mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py"

input_scale = (800, 1333)
epochs = 12
model = {"roi_head": {"bbox_head": {"num_classes": 13}, "mask_head": {"num_classes": 13}}}
train_dataloader = {"batch_size": 8, "num_workers": 4}
optim_wrapper = {
    "optimizer": {"lr": 0.01},
    "clip_grad": {"max_norm": 35},
}
