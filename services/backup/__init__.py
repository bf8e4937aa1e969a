"""``mapsi backup`` and ``mapsi restore``: the whole installation, in a form of no one database.

A backup made on SQLite and a folder can be restored into PostgreSQL and a bucket, and back: it is
also the way from one machine to a cluster.
"""
