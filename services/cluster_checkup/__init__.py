"""``mapsi doctor --cluster``: is the whole installation well, whichever machine asks?"""
