"""Trends: weekly counts of looks by item, colour, style and source."""
