"""What an operator sees and does: how all is, queues, photos, jobs, models."""
