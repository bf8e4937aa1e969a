"""English of the vocabulary as captions of street snaps say it, and of Korean fashion words."""

from __future__ import annotations

from typing import Final

from shared.contracts.vocabulary import KOREAN

PREFIX: Final = "RAW photo"
SUFFIX: Final = (
    "(high detailed skin:1.2), 8k uhd, dslr, soft lighting, high quality, film grain, Fujifilm XT3"
)
"""What stands before and after the caption: musinsaigo's recommended template."""

NEGATIVE: Final = (
    "(deformed iris, deformed pupils, semi-realistic, cgi, 3d, render, sketch, cartoon, drawing, "
    "anime:1.4), text, close up, cropped, out of frame, the worst quality, low quality, jpeg "
    "artifacts, ugly, duplicate, morbid, mutilated, extra fingers, mutated hands, poorly drawn "
    "hands, poorly drawn face, mutation, deformed, blurry, dehydrated, bad anatomy, bad "
    "proportions, extra limbs, cloned face, disfigured, gross proportions, malformed limbs, "
    "missing arms, missing legs, extra arms, extra legs, fused fingers, too many fingers, long neck"
)
"""musinsaigo's own negative prompt; 133 of CLIP's tokens."""

ONE_PERSON: Final = "two people, crowd"
"""The review refuses a second person, and the author's negative prompt does not speak of one."""

FRAMING: Final = "full body, from head to shoes"

PERSON: Final = {"women": "a korean woman", "men": "a korean man", "any": "a korean person"}

SLEEVE: Final = {
    "short_sleeved_shirt": "short sleeve",
    "long_sleeved_shirt": "long sleeve",
    "short_sleeved_outwear": "short sleeve",
    "vest": "sleeveless",
    "sling": "spaghetti strap",
    "short_sleeved_dress": "short sleeve",
    "long_sleeved_dress": "long sleeve",
    "vest_dress": "sleeveless",
    "sling_dress": "spaghetti strap",
}
NOUN: Final = {
    "short_sleeved_shirt": "t-shirt",
    "long_sleeved_shirt": "shirt",
    "short_sleeved_outwear": "jacket",
    "long_sleeved_outwear": "jacket",
    "vest": "top",
    "sling": "top",
    "shorts": "shorts",
    "trousers": "pants",
    "skirt": "skirt",
    "short_sleeved_dress": "dress",
    "long_sleeved_dress": "dress",
    "vest_dress": "dress",
    "sling_dress": "dress",
}
WARM_OUTERWEAR: Final = "coat"
"""What long-sleeved outerwear is in winter and on cold days, unless the words say otherwise."""

_NOUNS: Final = """
anorak blazer blouse bomber bustier camisole cardigan cargos chinos coat corset culottes dress
gown henley hoodie jacket jeans jumper jumpsuit kimono leggings overalls pants parka polo poncho
pullover robe romper shirt shorts skirt slacks suit sweater sweatpants sweatshirt t-shirt tee top
trench trenchcoat trousers tunic turtleneck tuxedo vest windbreaker
"""
OWN_NOUNS: Final = frozenset(_NOUNS.split())
"""Words that name a garment by themselves, so that the category's noun is not said again."""

PATTERN: Final = {
    "solid": "plain",
    "striped": "striped",
    "checked": "plaid",
    "dotted": "polka dot",
    "floral": "floral print",
    "printed": "graphic print",
}
STYLE: Final = {
    "casual": "casual style",
    "feminine": "feminine style",
    "minimal": "minimal style",
    "modern": "modern style",
    "street": "streetwear style",
    "vintage": "vintage style",
}
OCCASION: Final = {
    "date": "dressed for a date, cafe street",
    "work": "office look, in front of an office building",
    "wedding": "wedding guest look",
    "interview": "job interview look, neat",
    "travel": "travel look, sightseeing",
    "party": "party look",
    "school": "campus look, on a university campus",
    "sport": "sporty look, in a park",
    "daily": "daily look, on a city street",
}
WEATHER: Final = {
    "cold": "cold day",
    "cool": "cool day",
    "warm": "warm day",
    "hot": "hot sunny day",
    "rain": "rainy day",
}

_KOREAN_MORE: Final = {
    "가디건": "cardigan",
    "가죽": "leather",
    "기모": "fleece lined",
    "긴팔": "long sleeve",
    "끈나시": "camisole",
    "나시": "sleeveless top",
    "남자": "men",
    "넉넉한": "loose",
    "누빔": "quilted",
    "니트": "knit",
    "단정한": "neat",
    "데님": "denim",
    "도트": "polka dot",
    "드레스": "dress",
    "따뜻한": "warm",
    "레더": "leather",
    "레이스": "lace",
    "롱": "long",
    "린넨": "linen",
    "맨투맨": "sweatshirt",
    "면": "cotton",
    "모자": "hat",
    "무채색": "monochrome",
    "미니": "mini",
    "미디": "midi",
    "바람막이": "windbreaker",
    "반팔": "short sleeve",
    "밝은": "light",
    "벨벳": "velvet",
    "부츠컷": "bootcut",
    "블라우스": "blouse",
    "블레이저": "blazer",
    "빨간": "red",
    "노란": "yellow",
    "파란": "blue",
    "하얀": "white",
    "까만": "black",
    "검은": "black",
    "흰": "white",
    "새틴": "satin",
    "셔츠": "shirt",
    "숏": "short",
    "스웨이드": "suede",
    "스웨터": "sweater",
    "스커트": "skirt",
    "스트라이프": "striped",
    "스트릿": "streetwear",
    "슬랙스": "slacks",
    "슬림": "slim",
    "실크": "silk",
    "야상": "field jacket",
    "어두운": "dark",
    "여자": "women",
    "연한": "pale",
    "오버핏": "oversized",
    "와이드": "wide leg",
    "울": "wool",
    "원피스": "dress",
    "자켓": "jacket",
    "재킷": "jacket",
    "점퍼": "jacket",
    "정장": "suit",
    "조끼": "vest",
    "진한": "deep",
    "청바지": "jeans",
    "청자켓": "denim jacket",
    "체크": "plaid",
    "카디건": "cardigan",
    "캐시미어": "cashmere",
    "코듀로이": "corduroy",
    "코트": "coat",
    "크롭": "cropped",
    "터틀넥": "turtleneck",
    "트렌치코트": "trench coat",
    "트위드": "tweed",
    "티셔츠": "t-shirt",
    "패딩": "puffer jacket",
    "패턴": "pattern",
    "퍼": "fur",
    "폴로": "polo",
    "플리스": "fleece",
    "플리츠": "pleated",
    "후드": "hooded",
    "후드티": "hoodie",
}

KOREAN_WORDS: Final = {
    **{
        korean: (PATTERN | STYLE | OCCASION | WEATHER).get(word, word.replace("_", " "))
        for word, korean in KOREAN.items()
        if word not in ("unknown", "any", "date", "work", "travel", "party", "school", "sport")
    },
    **_KOREAN_MORE,
}
"""Korean words, spaces and all, that have one English meaning in fashion."""
