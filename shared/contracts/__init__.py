"""The messages between services: frozen, named, versioned; an example of each in ``examples/``."""
