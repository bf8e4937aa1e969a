"""Rules that watch the trend: what they say, and how they reach someone.

Trends evaluates and delivers; the gateway and ``mapsi alerts`` write rules and try them out.
"""
