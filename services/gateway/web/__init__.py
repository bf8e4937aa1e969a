"""The page: its templates, words and assets, and who is signed in on it."""
