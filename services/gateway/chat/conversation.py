"""One message from its text to its answer, as the only one of its conversation at that time.

Read the conversation (from memory, if this process wrote it last), read the message, decide, do
it, and write the message with the new state in one transaction. Where the conversation has gone
on elsewhere meanwhile, all of that is done again on what it is now.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import OrderedDict
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Final
from weakref import WeakValueDictionary

from anyio import to_thread
from sqlalchemy.orm import Session

from services.gateway.access import Caller, Gateway
from services.gateway.answers import Asked, keep, recall
from services.gateway.chat.deeds.doing import Deeds
from services.gateway.chat.deeds.memory import learning
from services.gateway.chat.deeds.outcome import Outcome, Scene
from services.gateway.chat.deeds.table import laid
from services.gateway.chat.domain import VALUES, Understood
from services.gateway.chat.keeping.commits import Commits
from services.gateway.chat.keeping.store import Conversation, Effect, Turn, find
from services.gateway.chat.policy.acts import Ask, AskQuiz, Decision, Heard, Pointed, Recommend
from services.gateway.chat.policy.dialogue import decide
from services.gateway.chat.policy.state import State
from services.gateway.chat.reading.readers import Readers, Setting
from services.gateway.chat.wording.cards import AboutPicture, Reply
from services.gateway.chat.wording.phrases import say
from services.gateway.people.domain import Profile
from shared.errors import RetryableError

_REMEMBERED: Final = 4096
"""Conversations that a process remembers where they stand."""
_TRIES: Final = 8

_PRICED: Final = frozenset({"recommend", "refine", "generate", "answer"})
"""Intents in which an amount is a budget."""

_IMPERSONAL: Final = frozenset({"trend_query", "greeting", "help", "reset"})
"""Intents that are answered alike whoever asks."""


@dataclass(frozen=True)
class Message:
    """What a person sent."""

    text: str
    photo_id: str | None = None
    picture: Pointed | None = None


class Chat:
    """All conversations of a gateway; for one event loop."""

    def __init__(self, gateway: Gateway, readers: Readers, deeds: Deeds) -> None:
        self._gateway = gateway
        self._readers = readers
        self._deeds = deeds
        self._commits = Commits(gateway.database)
        self._known: OrderedDict[str, Conversation] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def warm(self) -> None:
        """Load what reads messages before the first one comes."""
        await self._readers.warm()

    async def close(self) -> None:
        """Close the connections."""
        await self._readers.close()

    async def answer(self, caller: Caller, session_id: str, message: Message, asked: Asked) -> str:
        """Answer a message, once; return the ``Reply`` as JSON.

        Raises RefusedError with 404 where the conversation is not the caller's, and RetryableError
        where the database is away or others write the conversation all the time.
        """
        turn = self._turns.setdefault(session_id, asyncio.Lock())
        async with turn:
            for _ in range(_TRIES):
                kept = await self._recall(asked)
                if kept is not None:
                    return kept
                answered = await self._try(caller, session_id, message, asked)
                if answered is not None:
                    return answered
        raise RetryableError(
            "this conversation is being written elsewhere all the time; try again",
            text_ko="다른 곳에서 이 대화가 계속 바뀌고 있습니다. 다시 시도하세요",
            reason="conversation_busy",
        )

    async def _recall(self, asked: Asked) -> str | None:
        if asked.idempotency_key is None:
            return None
        kept = await to_thread.run_sync(recall, self._gateway.database, asked)
        return None if kept is None else Reply.model_validate(kept).model_dump_json()

    async def _try(
        self, caller: Caller, session_id: str, message: Message, asked: Asked
    ) -> str | None:
        """Answer on the conversation as it is known; None: it has gone on."""
        now = datetime.now(UTC)
        before = await self._find(session_id, caller.key_id)
        if message.picture is not None:
            lay = partial(laid, self._gateway, caller, before.state, message.picture)
            before = replace(before, state=await to_thread.run_sync(lay))
        understood = await self._readers.read(message.text, _setting(before.state, now))
        heard = self._deeds.heard(
            before.state, understood, message.text, message.photo_id, message.picture
        )
        understood = heard.understood
        profile = await self._profile(caller, before.state, heard, now)
        decision = decide(before.state, heard, profile)
        scene = Scene(self._gateway, caller, session_id, decision.state, profile, now)
        outcome = _with_won(await self._deeds.do(decision.act, scene), heard, scene)
        turn = _turn(before, message, understood, decision, outcome, scene)
        if asked.idempotency_key is not None:
            turn = replace(turn, effects=(*turn.effects, _kept(asked, turn)))
        written = await self._commits.write(turn)
        if written is None:
            self._known.pop(session_id, None)
            return None
        self._remember(turn.after())
        if turn.effects:
            self._gateway.profiles.drop(caller.key_id)
        elif written.known is not None:
            self._gateway.profiles.learned(caller.key_id, written.known, now)
        for afterwards in outcome.afterwards:
            await to_thread.run_sync(afterwards)
        return turn.answer

    async def _find(self, session_id: str, person_id: str) -> Conversation:
        known = self._known.get(session_id)
        if known is not None and known.person_id == person_id:
            return known
        return await to_thread.run_sync(self._read, session_id, person_id)

    def _read(self, session_id: str, person_id: str) -> Conversation:
        with self._gateway.database.glance() as connection:
            return find(connection, session_id, person_id)

    def _remember(self, conversation: Conversation) -> None:
        self._known[conversation.session_id] = conversation
        self._known.move_to_end(conversation.session_id)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    async def _profile(self, caller: Caller, state: State, heard: Heard, now: datetime) -> Profile:
        intent = heard.understood.intent
        lost = intent == "out_of_scope" and state.pending is None
        if (lost or intent in _IMPERSONAL) and not heard.moves.why:
            return Profile()
        known = self._gateway.profiles.recall(caller.key_id)
        if known is None:
            read = self._gateway.profiles.read
            known = await to_thread.run_sync(read, self._gateway.database, caller.key_id, now)
        return known.profile


def _with_won(outcome: Outcome, heard: Heard, scene: Scene) -> Outcome:
    """Return what is answered; where an amount was named that is not in won, that is said, too."""
    budget = heard.understood.slots.budget
    if not heard.moves.other_money or budget is not None or heard.understood.intent not in _PRICED:
        return outcome
    return replace(outcome, sentences=(say("won_only", scene.language), *outcome.sentences))


def _setting(state: State, now: datetime) -> Setting:
    return Setting(
        asked=state.pending.reads_as if state.pending else None,
        look_shown=bool(state.shown or state.pictures),
        language=state.language,
        today=now.date(),
    )


def _turn(
    before: Conversation,
    message: Message,
    understood: Understood,
    decision: Decision,
    outcome: Outcome,
    scene: Scene,
) -> Turn:
    state = outcome.state or decision.state
    reply = _reply(
        before, understood, decision, outcome, state=state, scene=scene, pointed=message.picture
    )
    told = [learning(scene, said, source) for source, said in decision.learned]
    return Turn(
        before=before,
        state=state,
        message_id=reply.message_id,
        text=message.text,
        photo_id=message.photo_id,
        answer=reply.model_dump_json(),
        now=scene.now,
        signals=(*chain(*(signals for signals, _ in told)), *outcome.signals),
        effects=(*chain(*(effects for _, effects in told)), *outcome.effects),
    )


def _reply(
    before: Conversation,
    understood: Understood,
    decision: Decision,
    outcome: Outcome,
    *,
    state: State,
    scene: Scene,
    pointed: Pointed | None,
) -> Reply:
    asks = isinstance(decision.act, Ask)
    beside = isinstance(decision.act, (AskQuiz, Recommend)) and outcome.choices
    slot = state.pending.slot if state.pending and (asks or beside) else None
    return Reply(
        session_id=before.session_id,
        message_id=secrets.token_hex(16),
        number=before.version + 1,
        reply=" ".join(outcome.sentences),
        language=state.language,
        intent=understood.intent,
        slots=understood.slots.wire(),
        known=state.known.wire(),
        period=understood.period,
        missing=[slot] if slot and asks and slot in VALUES else [],
        question=slot,
        choices=list(outcome.choices),
        cards=list(outcome.cards),
        job_id=outcome.job_id,
        about=AboutPicture(**asdict(pointed)) if pointed else None,
        understood_by=understood.by,
        created_at=scene.now,
    )


def _kept(asked: Asked, turn: Turn) -> Effect:
    """Return what keeps the answer under its Idempotency-Key."""

    def effect(session: Session) -> None:
        keep(session, asked, json.loads(turn.answer), status=200)

    return effect
