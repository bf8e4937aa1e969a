"""Trains and measures the style probe; what serves it is in shared/style."""
