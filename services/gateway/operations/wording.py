"""What an operator is told of each part, in both languages: what is found, and the fix."""

from __future__ import annotations

from typing import Final

from services.gateway.domain import Language

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "answers": ("answers", "응답함"),
    "no_answer": ("does not answer", "응답하지 않음"),
    "mend": (
        "`mapsi doctor` says what is wrong with it",
        "`mapsi doctor`로 무엇이 잘못되었는지 확인하세요",
    ),
    "unknown": ("cannot be told while {part} is away", "{part} 연결이 끊겨 알 수 없음"),
    "space": ("{free} GB left on its disk", "디스크에 {free} GB 남음"),
    "make_space": (
        "make room: photos and pictures cannot be kept without it",
        "공간을 비우세요. 없으면 사진과 그림을 저장할 수 없습니다",
    ),
    "lives": ("{count} at work or ready", "{count}개 작동 중"),
    "busy": (
        "at the same task for {minutes} min: {task}",
        "같은 작업을 {minutes}분째 하는 중: {task}",
    ),
    "restart": (
        "if it hangs, end it: what it holds is handed out again. Its log says more",
        "멈춘 것이라면 종료하세요. 맡은 일은 다시 배정됩니다. 로그를 확인하세요",
    ),
    "none_lives": (
        "none gives a sign of life; {waiting} messages wait for it",
        "작동하는 것이 없음. 메시지 {waiting}개가 기다림",
    ),
    "start": (
        "`mapsi up` starts it again by itself; in a cluster start `mapsi worker {worker}`. "
        "Why it ended stands in {log}",
        "`mapsi up`은 저절로 다시 시작합니다. 클러스터에서는 `mapsi worker {worker}`를 "
        "시작하세요. 끝난 까닭은 {log}에 있습니다",
    ),
    "its_log": ("its log", "로그"),
    "no_beat": (
        "none gives a sign of life: nothing happens by the clock",
        "작동하지 않음. 시각에 맞춰 하는 일이 멈춰 있음",
    ),
    "start_beat": (
        "`mapsi up` starts it again by itself; in a cluster start `mapsi beat`",
        "`mapsi up`은 저절로 다시 시작합니다. 클러스터에서는 `mapsi beat`를 시작하세요",
    ),
    "two_beats": ("{count} are running", "{count}개가 실행 중"),
    "one_beat": (
        "one does: two start everything twice. Stop the others",
        "하나면 됩니다. 둘이면 모두 두 번 시작됩니다. 나머지는 멈추세요",
    ),
    "nothing_waits": ("nothing waits", "기다리는 것이 없음"),
    "waits": ("{count} messages wait", "메시지 {count}개가 기다림"),
    "waits_long": (
        "{queue}: the next of {count} messages has waited {minutes} min",
        "{queue}: 메시지 {count}개 중 다음 것이 {minutes}분째 기다림",
    ),
    "more_workers": (
        "more workers empty it sooner: `mapsi worker {queue}`",
        "작업자를 늘리면 빨라집니다: `mapsi worker {queue}`",
    ),
    "no_trouble": ("none is given up", "포기한 사진 없음"),
    "buried": ("given up: {count}", "포기한 사진: {count}장"),
    "dig_up": (
        "read the reason below, mend it, then retry them",
        "아래에서 까닭을 보고 고친 뒤 다시 시도하세요",
    ),
    "no_sources": ("none is added", "추가한 것이 없음"),
    "all_read": ("{count} are read", "{count}개를 읽는 중"),
    "trouble": (
        "{count} of {all} in trouble: {names}",
        "{all}개 중 {count}개에 문제 있음: {names}",
    ),
    "see_below": ("the error below says what to do", "아래 오류에 할 일이 있습니다"),
}
_PARTS: Final = {
    "broker": ("the broker", "메시지 브로커"),
    "database": ("the database", "데이터베이스"),
}


def say(name: str, language: Language, **values: object) -> str:
    """Return a text with its values filled in."""
    return _TEXTS[name][language == "ko"].format(**values)


def part_named(name: str, language: Language) -> str:
    """Return what a part that others need is called."""
    return _PARTS[name][language == "ko"]
