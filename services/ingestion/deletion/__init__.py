"""Deleting what was taken in: orders, their steps, and what keeps it from coming back."""
