"""Callbacks: the vendor proves itself, the seal says what was pressed, the on-call file says who that was."""

import secrets
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web

from agents.answer.load import Loaded
from agents.answer.outcomes import TELLINGS, Outcome
from agents.answer.replies import Answered, Refusals
from agents.answer.taking import Taking
from pipeline.answers.callback import Call, Challenge, Pressed, Refused, Reply

_REFUSED = {
    Refused.FORGED: (Outcome.FORGED, HTTPStatus.UNAUTHORIZED),
    Refused.STALE: (Outcome.STALE, HTTPStatus.UNAUTHORIZED),
    Refused.UNUSABLE: (Outcome.UNUSABLE, HTTPStatus.BAD_REQUEST),
}


class Callbacks:
    """Takes the calls for all channels."""

    def __init__(self, loaded: Loaded, taking: Taking, refusals: Refusals, *, now_ms: Callable[[], int]) -> None:
        self._loaded = loaded
        self._taking = taking
        self._refusals = refusals
        self._now_ms = now_ms

    async def called(self, channel: str, request: web.Request) -> Answered:
        """Answer one call."""
        door = self._loaded.doors[channel]
        call = Call(request.headers, request.query, await request.read(), request.method)
        found = door.open(call, now_ms=self._now_ms())
        if isinstance(found, Refused):
            outcome, status = _REFUSED[found]
            self._refusals.tell(channel, outcome)
            return web.Response(status=status), outcome
        if isinstance(found, Challenge):
            return _response(Reply(found.body, found.media)), Outcome.CHALLENGED
        if found is None:
            return _response(Reply(b"", "text/plain")), Outcome.IGNORED
        outcome = await self._pressed(channel, found)
        telling, salt = TELLINGS[outcome], secrets.token_bytes(16)
        reply = door.reply(found, telling.chinese, is_good=telling.is_good, now_ms=self._now_ms(), salt=salt)
        return _response(reply), outcome

    async def _pressed(self, channel: str, pressed: Pressed) -> Outcome:
        offer = self._loaded.keys.open(pressed.seal)
        if offer is None:
            self._refusals.tell(channel, Outcome.FORGED)
            return Outcome.FORGED
        person = self._loaded.people[channel].get(pressed.user)
        return await self._taking.by_card(
            offer, channel=channel, person=person, user=pressed.user, card_ref=pressed.card_ref
        )


def _response(reply: Reply) -> web.Response:
    return web.Response(body=reply.body, content_type=reply.media, charset="utf-8")
