"""The recording side: how far each job is, in the table ``jobs``."""

from __future__ import annotations

from services.generation.domain import Progress, advances
from shared.contracts.generation import LookProgressed
from shared.records import Database
from shared.records.generation import Job


def record(message: LookProgressed, database: Database) -> bool:
    """Write the news down where it is news; return whether it was."""
    with database.transaction() as session:
        database.alone(session, f"job {message.job_id}")
        job = session.get(Job, message.job_id)
        now = Progress(job.state, job.step) if job is not None else None
        if not advances(now, message):
            return False
        session.merge(
            Job(
                job_id=message.job_id,
                state=message.state,
                step=message.step,
                steps=message.steps,
                result_key=message.result_key,
                reason=message.reason,
                manifest=message.manifest,
                updated_at=message.at,
            )
        )
    return True
