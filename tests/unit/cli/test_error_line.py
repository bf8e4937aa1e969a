"""The one line of an error is in the language that the command was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli import main

KOREAN, ENGLISH = "'nobody' 출처가 없습니다", "there is no source 'nobody'"


@pytest.mark.parametrize(
    ("words", "setting", "said"),
    [
        (["--lang", "ko"], "en", KOREAN),
        (["--lang=ko"], "en", KOREAN),
        (["--lang", "en"], "ko", ENGLISH),
        ([], "ko", KOREAN),
        ([], "en", ENGLISH),
    ],
)
def test_error_is_told_in_the_commands_language(
    words: list[str],
    setting: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MAPSI_LANG", setting)
    asked = ["mapsi", "delete", "source", "nobody", "--data", str(tmp_path), *words]
    monkeypatch.setattr("sys.argv", asked)
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert told.err.startswith(f"mapsi: {said}") and told.err.count("\n") == 1
