"""The backend ``lookbook``: an outfit board of cut-out garments, drawn at once, with no GPU."""
