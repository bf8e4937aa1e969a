"""``mapsi up``: everything on one machine, as child processes of one supervisor."""
