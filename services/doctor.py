"""``mapsi doctor``: what is installed, reachable and missing, each line with its fix."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from rich.cells import set_cell_size

from services.checkup import Finding, examine
from services.cluster_checkup.examine import examine_cluster
from shared.settings import Settings, read

_SIGNS = {"ok": "정상", "missing": "없음", "broken": "고장"}
_THINGS = {
    "extra": "구성",
    "model": "모델",
    "drawer": "그림 서버",
    "colour table": "색 이름표",
    "setting": "설정",
    "data folder": "데이터 폴더",
    "broker": "브로커",
    "database": "데이터베이스",
    "storage": "저장소",
    "fonts": "글꼴",
    "source": "출처",
    "broker eviction": "브로커 축출 정책",
    "broker memory": "브로커 메모리",
    "broker disk": "브로커 디스크",
    "tables": "테이블",
    "rights": "권한",
    "connections": "연결",
    "durability": "내구성",
    "clock": "시계",
    "bucket": "버킷",
    "backup": "백업",
    "processes": "프로세스",
    "queue": "대기열",
    "beat": "비트",
    "gateway": "게이트웨이",
    "version": "버전",
    "alike": "같은 설정",
    "photos": "사진",
    "buried": "묻힌 사진",
}
_WIDTH = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")
@click.option(
    "--cluster", is_flag=True, help="The whole installation: stores, queues, every process."
)
def doctor(as_json: bool, lang: str | None, cluster: bool) -> None:
    """Say what is installed, reachable and missing, and how to mend it.

    Exit code 1 when something is missing or broken that Mapsi cannot do without.
    """
    settings = read(Settings)
    language = lang or settings.language
    findings = []
    for finding in examine_cluster(settings) if cluster else examine(settings):
        findings.append(finding)
        click.echo(_as_json(finding) if as_json else _as_line(finding, language))
    if any(finding.required and finding.state != "ok" for finding in findings):
        raise click.exceptions.Exit(1)


def _as_json(finding: Finding) -> str:
    return json.dumps(asdict(finding), ensure_ascii=False)


def _as_line(finding: Finding, language: str) -> str:
    korean = language == "ko"
    sign = _SIGNS[finding.state] if korean else finding.state
    if finding.state != "ok" and not finding.required:
        sign += " (선택)" if korean else " (optional)"
    thing, _, which = finding.name.partition(":")
    name = f"{_THINGS[thing] if korean else thing} {which}".rstrip()
    found, fix = (finding.found_ko, finding.fix_ko) if korean else (finding.found, finding.fix)
    line = f"{set_cell_size(sign, _WIDTH)} {name}: {found}"
    return f"{line}\n{' ' * _WIDTH} → {fix}" if fix else line
