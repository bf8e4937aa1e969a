"""Generation: a wished look becomes a picture."""
