"""The database: SQLAlchemy tables by owner, sessions, and Alembic's migrations.

Each table has one owner that writes it, named by its module; anyone may read.
"""

from shared.records.database import Database, open_database
from shared.records.schema import upgrade

__all__ = ["Database", "open_database", "upgrade"]
