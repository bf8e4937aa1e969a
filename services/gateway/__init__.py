"""The gateway: people and clients speak HTTP with it."""
