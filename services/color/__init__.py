"""Garment masks in, named colours out: KD-tree over XKCD's names in CIELAB."""
