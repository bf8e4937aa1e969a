"""``python -m deploy.grafana.source``: write the dashboards that Grafana provisions."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy.grafana.source.gateway import GATEWAY
from deploy.grafana.source.generation import GENERATION
from deploy.grafana.source.models import MODELS
from deploy.grafana.source.overview import OVERVIEW
from deploy.grafana.source.panels import LANGS, as_json
from deploy.grafana.source.pipeline import PIPELINE

BOARDS: Final = (OVERVIEW, PIPELINE, MODELS, GENERATION, GATEWAY)
FOLDER: Final = Path(__file__).parents[1] / "dashboards"


def files() -> dict[Path, str]:
    """Return the files by path under ``dashboards``: each board in each language."""
    return {
        Path(lang, f"{board.name}.json"): as_json(board, lang) for board in BOARDS for lang in LANGS
    }


if __name__ == "__main__":
    for path, text in files().items():
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
