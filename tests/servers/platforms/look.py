"""One look at one source, as a process of its own that can be killed anywhere."""

from __future__ import annotations

from contextlib import closing
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from services.ingestion.intake import Intake
from services.ingestion.runs import Run
from services.ingestion.schedule.commands import look_now
from services.ingestion.schedule.rounds import Desk
from services.ingestion.settings import IngestionSettings
from services.ingestion.sources.robots import Robots
from shared.bus import connect
from shared.fetch import FetchRules, fetch
from shared.records import Database, open_database
from shared.settings import Settings

KEY = b"a key of at least sixteen bytes"


def fetch_here(url: str) -> bytes:
    """Fetch as always, with loopback as a network of the operator's own."""
    port = urlsplit(url).port or 80
    rules = FetchRules(networks=(ip_network("127.0.0.1/32"),), ports=frozenset({port}), deadline=5)
    return fetch(url, rules=rules).data


def desk_for(settings: Settings, database: Database, own: IngestionSettings) -> Desk:
    """Return a desk without a broker: photos are stored and announced another time."""
    context = connect(settings)
    intake = Intake(database, context.storage, own, key=KEY)
    run = Run(context, database, intake, own, warn=lambda error: None)
    run.check_broker()
    return Desk(run, KEY, Robots(fetch_here))


def look(settings: Settings, name: str, own: dict[str, Any]) -> None:
    """Bring the source up to date."""
    with closing(open_database(settings.database)) as database:
        look_now(desk_for(settings, database, IngestionSettings(**own)), name, language="en")
