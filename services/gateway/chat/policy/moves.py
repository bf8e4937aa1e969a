"""What a message does beside naming slots: picks, agrees, likes, asks for others. Pure.

Only the beginning of a message is looked at: who writes a page says what they want in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_READ: Final = 400
"""Characters that are looked at."""

_ORDINALS: Final = (
    r"첫\s?(번째|째|번|거|것)|1\s?번(째)?|(the\s)?(first|1st)|(number|no\.?|#)\s?(1|one)\b",
    r"둘째|두\s?(번째|째)|2\s?번(째)?|(the\s)?(second|2nd)|(number|no\.?|#)\s?(2|two)\b",
    r"셋째|세\s?(번째|째)|3\s?번(째)?|(the\s)?(third|3rd)|(number|no\.?|#)\s?(3|three)\b",
    r"넷째|네\s?(번째|째)|4\s?번(째)?|(the\s)?(fourth|4th)|(number|no\.?|#)\s?(4|four)\b",
    r"다섯\s?(번째|째)|5\s?번(째)?|(the\s)?(fifth|5th)|(number|no\.?|#)\s?(5|five)\b",
    r"여섯\s?(번째|째)|6\s?번(째)?|(the\s)?(sixth|6th)|(number|no\.?|#)\s?(6|six)\b",
)
_ORDINAL: Final = tuple(re.compile(rf"(?<![\w가-힣])(?:{form})", re.I) for form in _ORDINALS)
_LAST: Final = re.compile(r"마지막|맨\s?(끝|뒤)|\b(the\s)?last(\sone)?\b", re.I)
_NUMBER: Final = re.compile(
    r"^\s*[#(]?\s*([1-9])\s*[).!~]*\s*(번|번이요|번요|요|이요|으로)?\s*[.!~]*$"
)

_INDIFFERENT: Final = re.compile(
    r"아무\s?(거|것|데|나|색|스타일)|상관\s?없|다\s?(좋|괜찮)|몰라|모르겠|모름|글쎄|알아서|추천대로|패스|스킵|"
    r"\b(any(thing|\sof|\sone)?(\sis\sfine)?|whatever|don'?t\s(care|know|mind)|dunno|idk|no\sidea|"
    r"not\ssure|doesn'?t\smatter|no\spreference|you\s(choose|decide|pick)|up\sto\syou|skip|pass|"
    r"surprise\sme)\b",
    re.I,
)
_YES: Final = re.compile(
    r"^\W*(네+|넵|넹|예|응+|어|ㅇㅇ|웅|그래|좋아|맞아|맞아요|확인|지워|지워줘|지워\s?주세요|삭제|삭제해|삭제해\s?줘|"
    r"y|ye[sp]|yeah|yup|sure|ok(ay)?|confirm(ed)?|do\sit|go\sahead|delete(\sit|\sthem|\sall)?|"
    r"please\sdo)\b",
    re.I,
)
_NO: Final = re.compile(
    r"^\W*(아니+|아뇨|아니요|아니오|노노?|ㄴㄴ|싫어|취소|하지\s?마|됐어|괜찮아|그만|안\s?돼|"
    r"no+|nope|nah|cancel|stop|don'?t|never\s?mind|keep)(?![가-힣])",
    re.I,
)
_LIKED: Final = re.compile(
    r"마음에\s?(들|드)|맘에\s?(들|드)|(거|게|이거|이게|째|코디|룩|다|너무|정말|아주|완전)\s?(가|는|은|도)?\s?"
    r"(좋|예쁘|이쁘|예뻐|이뻐|멋지|멋져|괜찮)|^\W*(좋아|좋네|좋다|예쁘다|예뻐|이쁘다|이뻐|멋지다|멋져|최고|굿|딱이)|"
    r"\b(i\s(really\s)?(like|love)|love\s(it|this|that|the)|like\s(it|this|that|the)|looks?\s(great|good|"
    r"nice|lovely|perfect)|perfect|awesome|beautiful|nice\sone|great\s(one|look|choice))\b",
    re.I,
)
_DISLIKED: Final = re.compile(
    r"별로|싫|마음에\s?안|맘에\s?안|안\s?(예쁘|예뻐|이쁘|이뻐|좋)|구려|촌스|노잼|아닌\s?(거|것)\s?같|"
    r"\b(nah|hate|ugly|hideous|awful|don'?t\slike|do\snot\slike|not\s(a\sfan|my\s(style|thing|taste)|"
    r"for\sme|great|good)|meh|dislike|boring)\b",
    re.I,
)
_OTHERS: Final = re.compile(
    r"다른|또\s|더\s?보여|다음|새로운\s?(거|걸|코디)|말고\s?(다른|딴)|딴\s?(거|걸)|"
    r"\b(other|others|another|more\s(looks|options|ideas)|next|else|different|something\snew)\b",
    re.I,
)
_CHEAPER: Final = re.compile(
    r"비싸|비싼데|저렴|싼\s?(거|걸|것)|싸게|더\s?싼|가격\s?(을|좀)?\s?(낮|내)|"
    r"\b(cheap(er)?|expensive|pric(e)?y|afford(able)?|less\s(money|expensive)|costs?\stoo\smuch|"
    r"lower\s(the\s)?(price|budget))\b",
    re.I,
)
_ONLY: Final = re.compile(
    r"(?<=[가-힣])만(\s|$)|만\s?바꿔|[가-힣]\s?바꿔|교체|\b(only|just|swap|switch|replace|change|instead|"
    r"can\sthe|make\sthe|same\s(look|thing|outfit)\sbut)\b",
    re.I,
)
_ERASE: Final = re.compile(
    r"지워|지우|삭제|잊어|잊고|없애|초기화|빼\s?줘|취소해|\b(delete|erase|forget|remove|wipe|clear|drop)\b",
    re.I,
)
_ASKS_LOOKS: Final = re.compile(
    r"추천|골라|코디|룩|입을까|입지|\b(recommend|suggest|outfits?|looks?|show\sme|should\si)\b",
    re.I,
)
_OTHER_MONEY: Final = re.compile(
    r"[$€£¥]\s?\d|\d\s?(\$|€|£|달러|유로|파운드|엔(?![가-힣]))|"
    r"\d\s?(usd|dollars?|bucks|eur|euros?|gbp|pounds|yen)\b",
    re.I,
)
_DRAWS: Final = re.compile(r"그려|그림으로|\b(draw|paint|sketch)\b", re.I)
_TELLS_SEASON: Final = re.compile(
    r"(퍼스널\s?(컬러|칼라)|(내|제|나의|저의)\s?(계절|톤))\s?(는|은|이|가)?\s?(봄|여름|가을|겨울)|"
    r"\b(my|personal)\s(colou?r|season|type|palette)(\s(type|season))?(\sis|\swas|'s|:)\s(\w+\s){0,2}"
    r"(spring|summer|autumn|fall|winter)\b",
    re.I,
)
_WISHES: Final = re.compile(
    r"^\W*(추천|골라|recommend|suggest)\S{0,6}(\s?(줘|주세요|해|me|please|pls))?\W*$", re.I
)
_UNLEARNS: Final = re.compile(
    r"(싫어|좋아|피한|안\s?입는)\S*\s?(거|것|건|말|다는|했던)?.*(지워|지우|잊어|삭제|취소)|"
    r"\b(forget|delete|erase|remove)\b.*\b(that\si|what\syou|my\s(taste|preference)|saved)\b",
    re.I,
)
_EVERYTHING: Final = re.compile(
    r"다\s?(지워|지우|삭제|잊)|모두|전부|모든|싹|내\s?(정보|데이터|기록)|개인\s?정보|"
    r"\b(all|everything|my\s(data|info(rmation)?|history|account))\b",
    re.I,
)
_QUIZ: Final = re.compile(
    r"테스트|질문|퀴즈|설문|문답|\b(quiz|test|question(s)?|questionnaire)\b", re.I
)
_FOLLOWS: Final = re.compile(
    r"^\W*(그럼|그러면|그리고|그건|그\s?중|(how|what)\sabout|and\b|then\b)|[은는]\s?요?\W*$",
    re.I,
)

_WHY: Final = re.compile(
    r"(?<![가-힣])왜(?![가-힣])|(?<![가-힣])왜(요|죠|인지|지|이|그)|어째서|(추천|고른|골라|선택)\S*\s?(이유|근거)|"
    r"이유\s?(가|는|를|을|좀)?\s?(뭐|뭔|무엇|알려|말해|설명)|\bwhy\b|\bhow\scome\b|\bfor\swhat\sreason\b",
    re.I,
)
_WHY_NOT: Final = re.compile(
    r"왜.*(없|안\s|않|못)|\b(why|how\scome)\b.*(\bno\b|\bnot\b|n't\b)", re.I
)
_AHEAD: Final = re.compile(
    r"앞으로|향후|다음\s?(주|달|시즌|계절)|내년|예측|전망|예상|계속\s?유행|유행할|(뜰|오를|내릴|인기\s?있을)\s?(까|것|거)|"
    r"\b(will|going\sto|gonna|forecast(s|ed)?|predict(ion|ions)?|outlook|upcoming|future|"
    r"(next|coming)\s(week|month|season|year|spring|summer|autumn|fall|winter)s?)\b",
    re.I,
)
_ASKS_WHAT_COMES: Final = re.compile(
    r"(무슨|어떤|뭐|뭔|뭘).*(다음\s?(시즌|계절|해)|내년)|(다음\s?(시즌|계절|해)|내년).*(무슨|어떤|뭐|뭔)|"
    r"\b(what|which)\b.*\b((next|coming)\s(week|month|season|year|spring|summer|autumn|fall|winter)|"
    r"(is|are)\s(next|coming|up\snext))\b",
    re.I,
)
_NOW: Final = re.compile(
    r"요즘|요새|지금|현재|최근|\b(now(adays)?|currently|these\sdays|recently|lately)\b", re.I
)

_DIMENSIONS: Final = (
    ("color", re.compile(r"색(상|깔|이|은|을|\s|$|조합)|컬러|\bcolou?rs?\b", re.I)),
    ("pattern", re.compile(r"무늬|패턴|\bpatterns?\b|\bprints?\b", re.I)),
    ("style", re.compile(r"스타일|무드|\bstyles?\b|\baesthetics?\b|\bvibes?\b", re.I)),
    ("item", re.compile(
        r"아이템|종류|뭐\s?입|무슨\s?옷|어떤\s?옷|옷|의류|\b(items?|clothes|clothing|garments?|pieces?|"
        r"wear(ing)?|outfits?)\b", re.I)),
)  # fmt: skip


@dataclass(frozen=True)
class Moves:
    """What a message does. All of it is a reading of a few words: the intent weighs more."""

    pick: int | None = None
    """Which of the choices or looks, from 0; -1: the last one."""
    indifferent: bool = False
    yes: bool | None = None
    liked: bool | None = None
    others: bool = False
    cheaper: bool = False
    only: bool = False
    """A part shall change and the rest stay."""
    erases: bool = False
    wishes: bool = False
    """It asks for a recommendation and for nothing else."""
    asks_looks: bool = False
    """It has a word for outfits, or for recommending."""
    other_money: bool = False
    """It names an amount that is not in won."""
    draws: bool = False
    """It has a word for drawing."""
    tells_season: bool = False
    """It says what the person's own colours are: "my personal colour is summer"."""
    unlearns: bool = False
    """Something that was said of oneself shall be forgotten."""
    everything: bool = False
    quiz: bool = False
    follows: bool = False
    """It goes on with the question before: "how about skirts?"."""
    why: bool = False
    """It asks for the reasons of what was shown."""
    ahead: bool = False
    """It asks about a time that is still to come."""
    asks_what_comes: bool = False
    """It asks what there will be: "which colours are next?"."""
    now: bool = False
    """It asks about the present."""
    dimension: str | None = None
    """What a question about the trend wants told: color, pattern, style or item."""

    @property
    def turns(self) -> bool:
        """It wants something done with the looks that were shown."""
        return (
            self.others
            or self.cheaper
            or self.only
            or self.liked is not None
            or self.pick is not None
        )


def moves_of(text: str) -> Moves:
    """Return what ``text`` does."""
    read = text[:_READ]
    return Moves(
        pick=pick_of(read),
        indifferent=bool(_INDIFFERENT.search(read)),
        yes=_yes_or_no(read),
        liked=_liking(read),
        others=bool(_OTHERS.search(read)),
        cheaper=bool(_CHEAPER.search(read)),
        only=bool(_ONLY.search(read)),
        erases=bool(_ERASE.search(read)),
        wishes=bool(_WISHES.search(read)),
        asks_looks=bool(_ASKS_LOOKS.search(read)),
        other_money=bool(_OTHER_MONEY.search(read)),
        draws=bool(_DRAWS.search(read)),
        tells_season=bool(_TELLS_SEASON.search(read)),
        unlearns=bool(_UNLEARNS.search(read)),
        everything=bool(_EVERYTHING.search(read)),
        quiz=bool(_QUIZ.search(read)),
        follows=bool(_FOLLOWS.search(read)),
        why=bool(_WHY.search(read)) and not _WHY_NOT.search(read),
        ahead=bool(_AHEAD.search(read)),
        asks_what_comes=bool(_ASKS_WHAT_COMES.search(read)),
        now=bool(_NOW.search(read)),
        dimension=next((name for name, words in _DIMENSIONS if words.search(read)), None),
    )


def pick_of(text: str) -> int | None:
    """Return which one ``text`` means, from 0 (-1: the last), or None: "두 번째", "2", "third"."""
    number = _NUMBER.match(text)
    if number:
        return int(number[1]) - 1
    for place, form in enumerate(_ORDINAL):
        if form.search(text):
            return place
    return -1 if _LAST.search(text) else None


def _yes_or_no(text: str) -> bool | None:
    if _NO.search(text):
        return False
    return True if _YES.search(text) else None


def _liking(text: str) -> bool | None:
    if _DISLIKED.search(text):
        return False
    return True if _LIKED.search(text) else None
