"""``mapsi demo``: the main job on sample photos, with the very commands a person would type."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click
import httpx

from services.gateway.keys import create_key
from services.ingestion.shop.sample.articles import articles
from services.ingestion.shop.sample.feed import NAME as SHOP
from services.ingestion.shop.sample.feed import write_shop
from shared.errors import MapsiError, UsageError
from shared.records import open_database
from shared.settings import Settings, read

_PATIENCE: Final = 120.0
_OVERLAYS: Final = 6
_TURNS: Final = 4


@dataclass(frozen=True)
class Demo:
    """One demo: where it keeps its things, where the API is, and the language."""

    folder: Path
    settings: Settings
    port: int
    language: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the commands, so that they find this demo's data."""
        return {
            **os.environ,
            "MAPSI_DATA_DIR": str(self.settings.data_dir),
            "MAPSI_LANG": self.language,
        }

    def say(self, english: str, korean: str) -> None:
        """Tell the person something."""
        click.secho(korean if self.language == "ko" else english, bold=True)


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-output"),
    show_default=True,
    help="Folder for what it makes; emptied first. 결과 폴더.",
)
@click.option("--keep", is_flag=True, help="Go on running until Ctrl-C. 끝난 뒤에도 계속 실행.")
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")
def demo(*, out: Path, keep: bool, lang: str | None) -> None:
    """Ingest sample photos, show the trend, overlays and one outfit. 예제 사진으로 전체 실행."""
    settings = read(Settings)
    samples = _sample_photos()
    _empty(out)
    run = Demo(
        folder=out,
        settings=Settings(data_dir=(out / "data").resolve()),
        port=_free_port(),
        language=lang or settings.language,
    )
    run.say(
        f"1/5  {len(samples)} sample photos: made-up people (openpeople, MIT), made-up dates.",
        f"1/5  예제 사진 {len(samples)}장: 가상의 인물(openpeople, MIT)과 가상의 날짜입니다.",
    )
    manifest = _write_manifest(out / "photos", samples)
    with _running(run) as client:
        run.say("2/5  Ingest and analyse them.", "2/5  사진을 넣고 분석합니다.")
        _mapsi(run, "ingest", str(manifest), "--source", "openpeople", "--wait")
        run.say("3/5  What is worn, by week:", "3/5  주별로 무엇을 입었나:")
        _mapsi(run, "trends", "--weeks", "8", "--top", "10")
        _draw(run, client)
        _fill_shop(run)
        run.say("5/5  Ask the chat:", "5/5  채팅에 물어봅니다:")
        _talk(run, client)
        if keep:
            run.say(
                f"The page: http://127.0.0.1:{run.port}  (Ctrl-C ends it)",
                f"웹 페이지: http://127.0.0.1:{run.port}  (Ctrl-C로 종료)",
            )
            _wait_for_interrupt()
    if not keep:
        command = f"mapsi up --data {out / 'data'}"
        run.say(
            f"The page: start `{command}` and open http://127.0.0.1:8000",
            f"웹 페이지: `{command}` 실행 후 http://127.0.0.1:8000 을 여세요",
        )


def _sample_photos() -> list[Path]:
    """Return the photos inside the package `openpeople`, without importing it."""
    spec = find_spec("openpeople")
    if spec is None or not spec.submodule_search_locations:
        raise UsageError(
            "the sample photos are not installed; run: pip install 'mapsi[demo]'",
            text_ko="예제 사진이 설치되어 있지 않습니다. 실행하세요: pip install 'mapsi[demo]'",
        )
    root = Path(next(iter(spec.submodule_search_locations)))
    photos = root.glob("data/curated/*/assets/*.jpg")
    # A sheet is a page of many pictures of one person, not a photo.
    return sorted(photo for photo in photos if not photo.stem.endswith("_sheet"))


def _empty(out: Path) -> None:
    """Make ``out`` an empty folder; one that a demo did not make is left alone."""
    mark = out / ".mapsi-demo"
    if out.exists():
        if any(out.iterdir()) and not mark.exists():
            raise UsageError(
                f"{out} has files that no demo made; name another folder with --out",
                text_ko=f"{out}: 데모 파일이 아닙니다. --out으로 다른 폴더를 지정하세요",
            )
        shutil.rmtree(out)
    out.mkdir(parents=True)
    mark.touch()


def _write_manifest(folder: Path, samples: list[Path]) -> Path:
    """Copy the samples and write a manifest that spreads them over the last eight weeks."""
    folder.mkdir()
    now = datetime.now(UTC)
    manifest = folder / "manifest.csv"
    with manifest.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "posted_at", "author", "licence"])
        for number, sample in enumerate(samples):
            person = sample.parts[-3]
            name = f"{person}-{sample.name}"
            shutil.copyfile(sample, folder / name)
            posted = now - timedelta(days=(number * 11) % 56, hours=1)
            rows.writerow([name, posted.isoformat(), f"{person}-{number % 3}", "MIT"])
    return manifest


def _fill_shop(run: Demo) -> None:
    """Draw the made-up shop's photos, and ingest its feed."""
    count = len(articles())
    run.say(
        f"4/5  A made-up shop: {count} articles drawn by code, and its product feed.",
        f"4/5  가상의 상점: 코드로 그린 상품 {count}개와 그 상품 피드입니다.",
    )
    with click.progressbar(length=count, file=sys.stderr) as drawn:
        feed = write_shop(run.folder / "shop", language=run.language, progress=drawn.update)
    _mapsi(run, "ingest", str(feed), "--shop", SHOP, "--wait")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(run: Demo) -> Iterator[httpx.Client]:
    """Run ``mapsi up`` for the demo and yield a client of its API."""
    log = run.folder / "up.log"
    with log.open("w") as file:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "services", "up", "--port", str(run.port)],
            env=run.environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{run.port}", timeout=30) as client:
            _until_ready(client, process, log)
            key = create_key(open_database(run.settings.database), "demo", "admin")
            client.headers["Authorization"] = f"Bearer {key}"
            client.headers["Accept-Language"] = run.language
            yield client
    finally:
        process.terminate()
        process.wait(60)


def _until_ready(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            if client.get("/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise MapsiError(
        f"mapsi up did not start; see {log}",
        text_ko=f"mapsi up이 시작되지 않았습니다. {log} 파일을 보세요",
    )


def _mapsi(run: Demo, *arguments: str) -> None:
    click.secho(f"$ mapsi {' '.join(arguments)}", dim=True)
    command = [sys.executable, "-m", "services", *arguments]
    if subprocess.run(command, env=run.environment, check=False).returncode:  # noqa: S603
        raise MapsiError(
            f"`mapsi {arguments[0]}` failed, see above; the logs are in {run.folder / 'data/logs'}",
            text_ko=f"`mapsi {arguments[0]}` 명령이 실패했습니다. 로그: {run.folder / 'data/logs'}",
        )


def _draw(run: Demo, client: httpx.Client) -> None:
    """Save some overlays."""
    photos = [
        photo
        for photo in _photos(client)
        if photo["state"] == "analyzed" and photo["analysis"]["garments"]
    ]
    folder = run.folder / "overlays"
    folder.mkdir()
    photos.sort(key=lambda photo: -len(photo["analysis"]["garments"]))
    for photo in photos[:_OVERLAYS]:
        path = folder / f"{photo['id'][:12]}.png"
        answer = client.get(f"/v1/photos/{photo['id']}/overlay.png", params={"lang": run.language})
        path.write_bytes(answer.raise_for_status().content)
        click.echo(f"  {path}")


def _talk(run: Demo, client: httpx.Client) -> None:
    """Ask the chat for an outfit, answer what it asks, and save the first outfit's picture."""
    session = client.post("/v1/chat/sessions").raise_for_status().json()
    messages = session["links"]["messages"]
    korean = run.language == "ko"
    said: str | None = "출근룩 추천해 주세요" if korean else "Recommend an outfit for work"
    for _ in range(_TURNS):
        if said is None:
            return
        click.secho(f"  > {said}", dim=True)
        answer = client.post(messages, json={"text": said}).raise_for_status().json()
        click.echo("  " + answer["reply"].replace("\n", "\n  "))
        outfits = [card for card in answer["cards"] if card["kind"] == "outfit"]
        if outfits:
            _tell_outfit(run, client, outfits[0])
            return
        said = answer["choices"][0] if answer["choices"] else None


def _tell_outfit(run: Demo, client: httpx.Client, outfit: dict[str, Any]) -> None:
    """Print the first outfit's pieces and reasons, and save its board."""
    for item in outfit["items"]:
        click.echo(
            f"    {item['title']}  {item['price']:,}{'원' if run.language == 'ko' else ' won'}"
        )
    for reason in outfit["reasons"]:
        click.echo(f"    - {reason}")
    board = run.folder / "outfit.png"
    board.write_bytes(_board(run, client, outfit["board"]))
    click.echo(f"  {board}")


def _photos(client: httpx.Client) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        query = {"state": "analyzed", **({"cursor": cursor} if cursor else {})}
        page = client.get("/v1/photos", params=query).raise_for_status().json()
        listed += page["photos"]
        cursor = page["next"]
        if cursor is None:
            break
    return [client.get(f"/v1/photos/{photo['id']}").raise_for_status().json() for photo in listed]


def _board(run: Demo, client: httpx.Client, address: str) -> bytes:
    """Fetch an outfit's picture; the first request has it drawn."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        answer = client.get(address, params={"lang": run.language}).raise_for_status()
        if answer.status_code == httpx.codes.OK:
            return answer.content
        time.sleep(0.3)
    raise MapsiError(
        f"the outfit's picture was not drawn in {_PATIENCE:.0f} s; see {run.folder / 'up.log'}",
        text_ko=f"코디 그림이 {_PATIENCE:.0f}초 안에 그려지지 않았습니다. "
        f"{run.folder / 'up.log'} 파일을 보세요",
    )


def _wait_for_interrupt() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        click.echo()
