"""RTMDet-Ins tiny (Lyu et al. 2022) with mmdet's mosaic and mix-up; for a GPU."""

_base_ = "mmdet::rtmdet/rtmdet-ins_tiny_8xb32-300e_coco.py"

input_scale = (640, 640)
epochs = 60
model = {"bbox_head": {"num_classes": 13}}
train_dataloader = {"batch_size": 16, "num_workers": 8}
optim_wrapper = {"optimizer": {"lr": 0.001}}
