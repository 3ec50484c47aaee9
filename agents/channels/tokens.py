"""Vendors whose applications need a token: fetched when it is needed, kept until shortly before it ends, one for all.

A token that the vendor no longer takes is thrown away and asked for once more; a second refusal is the answer.
"""

import asyncio
from typing import NamedTuple, Protocol

from pydantic import SecretStr

from agents.channels.answers import body_of, name_in
from agents.channels.base import Answer, Channel, Judgement, Message, Request
from agents.channels.outgoing import Outgoing
from schemas.base import MAX_ID_CHARS
from schemas.deliveries import Outcome

_EARLY_MS = 120_000  # a token is not used in its last two minutes
_LIFETIME_SECONDS_MAX = 7_200


class Token(NamedTuple):
    """A token and for how long it is good."""

    value: SecretStr
    lifetime_seconds: int


class Application(Protocol):
    """A vendor that wants a token with each message."""

    def token_request(self) -> Request:
        """Ask for a token."""

    def read_token(self, answer: Answer) -> Token | Judgement:
        """The token, or why there is none."""

    def request(self, message: Message, *, token: SecretStr) -> Request:
        """The request for a message: for a new card, or for one that is drawn anew."""

    def judge(self, answer: Answer) -> Judgement:
        """What the answer means."""

    def card_ref(self, message: Message, answer: Answer) -> str:
        """After success: the vendor's name of the card that stands now; "" where it stays as it is for good."""


class ApplicationChannel(Channel):
    """An application and the way to it."""

    def __init__(self, application: Application, outgoing: Outgoing) -> None:
        self._application = application
        self._outgoing = outgoing
        self._token: SecretStr | None = None
        self._good_until_ms = 0
        self._fetching = asyncio.Lock()

    async def send(self, message: Message, *, now_ms: int) -> Judgement:
        """Try once; with a fresh token a second time where the first one was not taken."""
        judgement = await self._try(message, now_ms=now_ms)
        if judgement.outcome is Outcome.UNAUTHORISED and self._token is not None:
            self._token = None
            judgement = await self._try(message, now_ms=now_ms)
        return judgement

    async def _try(self, message: Message, *, now_ms: int) -> Judgement:
        token = await self._current(now_ms)
        if isinstance(token, Judgement):
            return token
        answer = await self._outgoing.send(self._application.request(message, token=token))
        if isinstance(answer, Judgement):
            return answer
        judged = self._application.judge(answer)
        if judged.outcome is not Outcome.ACCEPTED:
            return judged
        name = self._application.card_ref(message, answer)
        return judged._replace(card_ref=name if len(name) <= MAX_ID_CHARS else "")

    async def _current(self, now_ms: int) -> SecretStr | Judgement:
        async with self._fetching:
            if self._token is not None and now_ms < self._good_until_ms:
                return self._token
            answer = await self._outgoing.send(self._application.token_request())
            token = answer if isinstance(answer, Judgement) else self._application.read_token(answer)
            if isinstance(token, Judgement):
                return token
            self._token = token.value
            self._good_until_ms = now_ms + max(token.lifetime_seconds * 1000 - _EARLY_MS, 0)
            return token.value


def token_from(answer: Answer, *, judged: Judgement, field: str, lifetime: str) -> Token | Judgement:
    """The token in an answer that was judged; an answer without one is a refusal."""
    if judged.outcome is not Outcome.ACCEPTED:
        return judged
    body = body_of(answer)
    value, seconds = name_in(body, field), body.get(lifetime)
    # A header with a line break or a sign of another alphabet is refused by our own client, with an exception.
    if not (value.isascii() and value.isprintable() and value) or not isinstance(seconds, int):
        return Judgement(Outcome.UNREACHABLE, "no token")
    return Token(SecretStr(value), min(max(seconds, 0), _LIFETIME_SECONDS_MAX))
