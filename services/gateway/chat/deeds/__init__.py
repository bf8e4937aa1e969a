"""What was decided, carried out: looks, counts, tastes, seasons, similar items."""
