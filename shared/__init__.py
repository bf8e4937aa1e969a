"""What every service needs, and nothing else. Read ``shared/flow.py`` first."""
