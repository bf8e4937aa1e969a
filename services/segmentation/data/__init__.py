"""From pictures and label maps to training data in COCO's form; used in training only."""
