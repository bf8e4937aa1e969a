"""A gateway's chat, made from its settings."""

from __future__ import annotations

from services.gateway.access import Gateway
from services.gateway.chat.conversation import Chat
from services.gateway.chat.deeds.doing import Deeds
from services.gateway.chat.deeds.trending import Tables
from services.gateway.chat.reading.llm import LanguageModel
from services.gateway.chat.reading.readers import Readers
from services.gateway.settings import ChatSettings


def open_chat(gateway: Gateway, settings: ChatSettings) -> Chat:
    """Return the chat; what reads messages is loaded with the first one, or by ``warm``."""
    model = LanguageModel(settings) if settings.llm_url else None
    draws = gateway.context.settings.drawer != "lookbook"
    return Chat(gateway, Readers(model), Deeds(Tables(gateway), draws=draws))
