"""A picture and all that came of it: the tree of its changes, the first one first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from services.gateway.access import Gateway
from services.gateway.looks import KnownLook
from shared.records.gateway import Wish
from shared.records.generation import Job


def versions_of(gateway: Gateway, known: KnownLook) -> Sequence[KnownLook]:
    """Return the picture's first ancestor and everything changed from it, by age."""
    parent_of = Wish.wish["edit"]["of"].as_string()
    own = Wish.key_id == known.wish.key_id
    with gateway.database.reading() as session:
        rows = session.execute(select(Wish.job_id, parent_of).where(own, parent_of.is_not(None)))
        edits = {str(job_id): str(parent) for job_id, parent in rows}
        ids = _tree(known.wish.job_id, edits)
        known_ones = session.execute(
            select(Wish, Job)
            .outerjoin(Job, Job.job_id == Wish.job_id)
            .where(own, Wish.job_id.in_(ids))
            .order_by(Wish.created_at, Wish.job_id)
        )
        return [KnownLook(*row) for row in known_ones]


def _tree(job_id: str, parents: dict[str, str]) -> set[str]:
    """Return all jobs of the tree that ``job_id`` stands in."""
    root = job_id
    while root in parents:
        root = parents[root]
    children: defaultdict[str, list[str]] = defaultdict(list)
    for child, parent in parents.items():
        children[parent].append(child)
    found, open_ones = {root}, [root]
    while open_ones:
        new = [child for child in children[open_ones.pop()] if child not in found]
        found.update(new)
        open_ones += new
    return found
