"""Outfits for one person out of the catalogue."""
