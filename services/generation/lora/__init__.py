"""LoRA: photos become a training set, the training set a LoRA for the model that draws."""
