"""``mapsi gateway``: serve HTTP, and make, list and revoke API keys."""

from __future__ import annotations

import gc
from functools import partial

import click

from services.gateway import keys
from services.gateway.settings import GatewaySettings, check_deadline
from services.registry import must_be_alike
from shared import bus, metrics, tracing
from shared.errors import UsageError
from shared.logging import configure, logger
from shared.presence import signs_of_life
from shared.records import Database, open_database, upgrade
from shared.settings import Settings, read


@click.group(invoke_without_command=True)
@click.option("--host", help="Address to listen on.  [default: MAPSI_GATEWAY_HOST or 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port.  [default: MAPSI_GATEWAY_PORT or 8000]"
)
@click.pass_context
def gateway(ctx: click.Context, host: str | None, port: int | None) -> None:
    """Serve the HTTP API and the page. HTTP API와 웹 페이지를 엽니다."""
    if ctx.invoked_subcommand is None:
        _serve(host, port)


@gateway.group("keys")
def keys_group() -> None:
    """Make, list and revoke API keys. API 키를 만들고, 보고, 폐기합니다."""


@keys_group.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(["user", "admin"]), default="user", show_default=True)
def create(name: str, role: keys.Role) -> None:
    """Make a key for NAME and print it: it cannot be shown again."""
    click.echo(keys.create_key(_database(), name, role))


@keys_group.command("list")
def list_all() -> None:
    """List the keys: id, role, since when, until when, name."""
    for key in keys.list_keys(_database()):
        until = f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else "-"
        click.echo(f"{key.key_id}  {key.role:5}  {key.created_at:%Y-%m-%d}  {until:10}  {key.name}")


@keys_group.command("revoke")
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """Make the key KEY_ID invalid, within two seconds."""
    keys.revoke_key(_database(), key_id)


def _database() -> Database:
    url = read(Settings).database
    upgrade(url)
    return open_database(url)


def _serve(host: str | None, port: int | None) -> None:
    from services.gateway.app import create_app
    from services.gateway.server import server_for

    settings, shared_settings = read(GatewaySettings), read(Settings)
    configure(shared_settings)
    try:
        check_deadline(settings, shared_settings)
    except UsageError as error:
        # It costs the time of a GPU, and no picture.
        logger(__name__).warning("settings do not go together", error=error.text)
    metrics.show_process("gateway")
    tracing.start(shared_settings, "gateway")
    settings = settings.model_copy(
        update={"host": host or settings.host, "port": port or settings.port}
    )
    context = bus.connect(shared_settings)
    app = create_app(settings, context, _database())
    # What is loaded stays: the collector need not look at it again (about 10 % of a chat turn).
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    same = partial(must_be_alike, shared_settings, ("gateway",))
    with signs_of_life(context.broker, ("gateway",), alike=same):
        server_for(app, host=settings.host, port=settings.port).run()
