"""The lookbook: looks that were counted and one's own drawings, found, compared, taken along."""
