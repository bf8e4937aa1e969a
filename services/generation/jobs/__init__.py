"""The database side: jobs are accepted, ordered in turn, followed and ended; no picture here."""
