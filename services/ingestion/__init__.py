"""Ingestion: stores each photo once and announces it."""
