"""The seven services. ``services/registry.py`` is the only list of them."""
