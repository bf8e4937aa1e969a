"""mmdet's model-zoo Mask R-CNN for DeepFashion In-shop: 15 classes, 6 of them garments.

Its labels know no sleeves: a top, dress or outer becomes the category of its family that is the
most frequent in street photos. Leggings count as trousers.
"""

_base_ = "mmdet::deepfashion/mask-rcnn_r50_fpn_15e_deepfashion.py"

input_scale = (750, 1101)
classes = (
    "long_sleeved_shirt",  # top
    "skirt",
    "trousers",  # leggings
    "long_sleeved_dress",  # dress
    "long_sleeved_outwear",  # outer
    "trousers",  # pants
    "",  # bag
    "",  # neckwear
    "",  # headwear
    "",  # eyeglass
    "",  # belt
    "",  # footwear
    "",  # hair
    "",  # skin
    "",  # face
)
