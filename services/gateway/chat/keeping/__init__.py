"""Conversations in the database: read, written, and told while they go on."""
