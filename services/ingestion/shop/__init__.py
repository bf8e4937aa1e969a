"""Shops: product feeds, their items, and what the pipeline sees on the items' photos."""
