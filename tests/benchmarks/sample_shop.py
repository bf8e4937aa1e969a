"""What the pipeline sees on the drawn photos of the sample shop: ``python -m
tests.benchmarks.sample_shop`` prints how many it recognises, and which not.
"""

from __future__ import annotations

from collections import Counter

from services.analyze import Eyes
from services.classification.model import open_classifier
from services.classification.settings import ClassificationSettings
from services.color.naming import open_namer
from services.color.settings import ColorSettings
from services.ingestion.shop.choosing import choose
from services.ingestion.shop.offers import read_offer
from services.ingestion.shop.sample.articles import Article, articles
from services.ingestion.shop.sample.drawing import draw_photo
from services.ingestion.shop.sample.feed import row_of
from services.segmentation.model import open_segmenter
from services.segmentation.settings import SegmentationSettings
from shared.contracts.garments import Analysis
from shared.contracts.vocabulary import FAMILY_OF
from shared.imaging import decode
from shared.settings import Settings, read
from shared.style.probe import open_probe
from tests.samples import wardrobe
from tests.samples.shop import item_of


def judge(article: Article, eyes: Eyes) -> Counter[str]:
    """Return what is right: of the photo alone, and of the item with its feed's words."""
    seen = eyes.see(decode(draw_photo(article), name=article.article_id).pixels, path="x")
    garments = sorted(seen.garments, key=lambda g: -g.score * g.area)
    told = garments[0].category if garments else None
    nothing = wardrobe.analysis(b"").model_dump() | {"garments": seen.garments}
    offer = read_offer(row_of(article, language="ko"), where=article.article_id, local=True)
    item, wanted = choose(offer, Analysis.model_validate(nothing)), item_of(article)
    right = {
        "photos": True,
        "taken for fashion": (seen.fashion or 0) >= read_threshold(eyes),
        "with a garment found": bool(garments),
        "family right, by the photo alone": told is not None
        and FAMILY_OF[told] == FAMILY_OF[article.category],
        "category right, by the photo alone": told == article.category,
        "category right, with the feed's words": item.category == article.category,
        "pattern right": item.pattern == article.pattern,
        "basic colour right": bool(item.colors) and item.colors[0].basic == wanted.colors[0].basic,
    }
    if told is None or FAMILY_OF[told] != FAMILY_OF[article.category]:
        print(f"{article.article_id} {article.cut}: seen as {told}")
    return Counter(name for name, good in right.items() if good)


def read_threshold(eyes: Eyes) -> float:
    """Return the fashion probability from which a photo goes on."""
    return eyes.classifier.threshold


def main() -> None:
    """Judge all articles."""
    eyes = Eyes(
        open_classifier(read(ClassificationSettings)),
        open_segmenter(read(SegmentationSettings)),
        open_namer(read(ColorSettings)),
        open_probe(read(Settings).style_weights),
    )
    total: Counter[str] = Counter()
    for article in articles():
        total += judge(article, eyes)
    for name, count in total.most_common():
        print(f"{count:4}  {name}")


if __name__ == "__main__":
    main()
