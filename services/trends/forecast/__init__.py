"""``mapsi forecast`` and ``mapsi evaluate forecast``; the method is in ``shared/forecast``."""
