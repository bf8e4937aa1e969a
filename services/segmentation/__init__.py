"""Cuts every garment out of a photo, in DeepFashion2's 13 categories."""
