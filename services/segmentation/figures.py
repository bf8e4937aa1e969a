"""What an evaluation measured, as a JSON object and as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from services.segmentation.groups import LAYERS, OCCLUSIONS, SHARES, SIZES
from services.segmentation.precision import Precision, mean
from services.segmentation.scoring import GroupFigures, Scoreboard
from shared.contracts.vocabulary import CATEGORIES, FAMILIES, label

KOREAN: Final = {
    "family": "종류",
    "category": "범주",
    "garments": "옷",
    "found": "찾음",
    "mean": "평균",
    "size (COCO: under 32², 32² to 96², over 96² pixels)": "크기 (COCO: 32² 미만, 96² 미만, 이상)",
    "share of the photo": "사진에서 차지하는 비율",
    "covered by other things": "다른 것에 가려짐",
    "layer": "겹쳐 입음",
    "small": "작음",
    "medium": "중간",
    "large": "큼",
    "under 3 %": "3 % 미만",
    "3 to 8 %": "3~8 %",
    "over 8 %": "8 % 초과",
    "slight or none": "거의 없음",
    "partly": "일부",
    "heavily": "많이",
    "top under an outer": "아우터 속 상의",
    "dress under an outer": "아우터 속 원피스",
    "outer over a top": "상의 위 아우터",
    "outer over a dress": "원피스 위 아우터",
    "single": "한 겹",
}
GROUPS: Final = {
    "size (COCO: under 32², 32² to 96², over 96² pixels)": ("size", SIZES),
    "share of the photo": ("share", SHARES),
    "covered by other things": ("occlusion", OCCLUSIONS),
    "layer": ("layer", LAYERS),
}


def figures(board: Scoreboard, *, threshold: float) -> dict[str, Any]:
    """Return everything that can be said of the photos on the board, ready for JSON."""
    iou = board.iou_by_family()
    return {
        "photos": len(board.truth.images),
        "threshold": threshold,
        "family": _precisions(board.by_family()),
        "category": _precisions(board.by_category()),
        "iou": {**iou, "mean": float(np.mean(list(iou.values())))} if iou else {},
        **{
            key: {name: _group(one) for name, one in board.by_group(groups).items()}
            for key, groups in GROUPS.values()
        },
    }


def _precisions(rows: Mapping[str, Precision]) -> dict[str, dict[str, float]]:
    return {name: _numbers(one) for name, one in {**rows, "mean": mean(rows)}.items()}


def _numbers(one: Precision) -> dict[str, float]:
    shown = {} if not one.instances else {"ap": round(one.ap, 4), "ap50": round(one.ap50, 4)}
    return {"garments": one.instances, **shown}


def _group(one: GroupFigures) -> dict[str, float]:
    return {**_numbers(one.precision), "found": round(one.found, 4)}


def lines(measured: Mapping[str, Any], *, language: str) -> Iterator[str]:
    """Yield the tables a person reads."""
    korean = language == "ko"

    def said(text: str) -> str:
        return KOREAN.get(text, text) if korean else text

    yield f"사진 {measured['photos']}장" if korean else f"{measured['photos']} photos"
    for title in ("family", "category"):
        yield _row(said(title), said("garments"), "AP", "AP50")
        for name, row in measured[title].items():
            known = name in CATEGORIES or name in FAMILIES
            yield _figures_row(label(name, language) if known else said(name), row)
    ious = ", ".join(
        f"{said(name) if name == 'mean' else label(name, language)} {value:.3f}"
        for name, value in measured["iou"].items()
    )
    yield f"{'점수' if korean else 'IoU of pixels at score'} {measured['threshold']}" + (
        f" 이상 픽셀의 IoU: {ious}" if korean else f": {ious}"
    )
    for title, (key, _) in GROUPS.items():
        yield _row(said(title), said("garments"), "AP", "AP50", said("found"))
        for name, row in measured[key].items():
            yield _figures_row(said(name), row)


def _figures_row(name: str, row: Mapping[str, float]) -> str:
    values = [f"{row[key]:.3f}" if key in row else "" for key in ("ap", "ap50", "found")]
    return _row(name, str(row["garments"]), *values)


def _row(name: str, *columns: str) -> str:
    # A Hangul syllable is two columns wide on a terminal.
    width = sum(2 if "가" <= letter <= "힣" else 1 for letter in name)
    cells = "".join(f"{column:>{9 - _wide(column)}}" for column in columns)
    return name + " " * max(1, 26 - width) + cells.rstrip()


def _wide(text: str) -> int:
    return sum("가" <= letter <= "힣" for letter in text)
