"""The door for what people press: limits first, then the seal or the signature, then Kafka; nothing by looking.

A GET never acts, so a preview of a link in a chat does nothing. A POST acts where its form came from our own page in
the same browser.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from ipaddress import ip_network
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from agents.answer import pages
from agents.answer.load import Loaded
from agents.answer.metrics import LINK, AnswerMetrics
from agents.answer.outcomes import TELLINGS, Outcome
from agents.answer.taking import Taking
from agents.answer.witness import Witness
from agents.settings import Answer
from agents.web.shield import HEADERS, Rate, client_address
from pipeline.answers.callback import Call, Challenge, Pressed, Refused, Reply
from pipeline.answers.offers import Offer

log = structlog.get_logger("tocsin.answer")

BODY_BYTES_MAX = 64 * 1024
READ_WITHIN_SECONDS = 5.0
SESSION = "tocsin_answer"
TOLD_EVERY_SECONDS = 10.0  # of what was refused: who knocks often must not fill the log
# `no-referrer` would make a browser hide from where our own form was sent; nothing on the page leads elsewhere.
_HEADERS = {**HEADERS, "Referrer-Policy": "same-origin", "Cache-Control": "no-store", "Server": "tocsin"}
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_REFUSED = {
    Refused.FORGED: (Outcome.FORGED, HTTPStatus.UNAUTHORIZED),
    Refused.STALE: (Outcome.STALE, HTTPStatus.UNAUTHORIZED),
    Refused.UNUSABLE: (Outcome.UNUSABLE, HTTPStatus.BAD_REQUEST),
}


class AnswerServer:
    """Serves links and callbacks. Clocks are passed in so that tests can move them."""

    def __init__(
        self,
        settings: Answer,
        loaded: Loaded,
        taking: Taking,
        witness: Witness,
        metrics: AnswerMetrics,
        *,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        read_within_seconds: float = READ_WITHIN_SECONDS,
    ) -> None:
        self._loaded = loaded
        self._taking = taking
        self._witness = witness
        self._metrics = metrics
        self._now_ms = now_ms
        self._read_within_seconds = read_within_seconds
        self._public = urlsplit(loaded.answers.url)
        self._proxies = [ip_network(each) for each in settings.proxy_addresses]
        self._looks = Rate(burst=60, per_second=2)  # of one address: a person opens a few links
        self._posts = Rate(burst=20, per_second=1)
        self._calls = Rate(burst=300, per_second=100)  # of one vendor
        self._told_at: dict[str, float] = {}
        metrics.begin(loaded.doors)

    def application(self) -> web.Application:
        """The routes; everything else is not found."""
        app = web.Application(client_max_size=BODY_BYTES_MAX)
        app.router.add_get("/a/{seal}", self._timed(LINK, self._ask))
        app.router.add_post("/a/{seal}", self._timed(LINK, self._act))
        app.router.add_get("/static/answer.css", self._style)
        for channel in self._loaded.doors:
            called = self._timed(channel, self._called(channel))
            app.router.add_get(f"/callbacks/{channel}", called)
            app.router.add_post(f"/callbacks/{channel}", called)
        app.on_response_prepare.append(_add_headers)
        return app

    def _timed(self, way: str, handle: "Handle") -> "Serve":
        async def serve(request: web.Request) -> web.Response:
            started_at = time.monotonic()
            try:
                response, outcome = await handle(request)
            except web.HTTPRequestEntityTooLarge:
                response, outcome = self._page(Outcome.TOO_LARGE), Outcome.TOO_LARGE
            except TimeoutError:
                response, outcome = self._page(Outcome.TOO_SLOW), Outcome.TOO_SLOW
            self._metrics.requests.labels(way, outcome).inc()
            self._metrics.seconds.labels(way).observe(time.monotonic() - started_at)
            return response

        return serve

    # -- links ---------------------------------------------------------------------------------------------------

    async def _ask(self, request: web.Request) -> "Answered":
        """Show what would be done; do nothing."""
        problem = self._problem(request, self._looks)
        offer = self._loaded.keys.open(request.match_info["seal"]) if problem is None else None
        if problem is None and offer is None:
            problem = Outcome.FORGED
        elif offer is not None and self._now_ms() > offer.not_after_ms:
            problem = Outcome.EXPIRED
        if offer is None or problem is not None:
            return self._refuse(problem or Outcome.FORGED)
        session = request.cookies.get(SESSION, "") or secrets.token_urlsafe(16)
        form = self._loaded.keys.form(session, request.match_info["seal"])
        response = _html(pages.ask(offer, self._witness.incident(offer.incident_id), form))
        is_secure = self._public.scheme == "https"
        response.set_cookie(
            SESSION, session, max_age=86_400, httponly=True, samesite="Strict", secure=is_secure, path="/"
        )
        return response, Outcome.SHOWN

    async def _act(self, request: web.Request) -> "Answered":
        """Do it, where our own page asked."""
        problem = self._problem(request, self._posts)
        if problem is not None:
            return self._refuse(problem)
        if request.content_type != "application/x-www-form-urlencoded":
            return self._refuse(Outcome.UNUSABLE)
        async with asyncio.timeout(self._read_within_seconds):
            seal, given = request.match_info["seal"], await request.post()
        offer = self._loaded.keys.open(seal)
        session, form, note = request.cookies.get(SESSION, ""), str(given.get("form", "")), str(given.get("note", ""))
        if offer is None or not self._loaded.keys.is_form(form, session, seal):
            return self._refuse(Outcome.FORGED)
        outcome = await self._taking.by_link(offer, note.strip())
        return self._page(outcome), outcome

    def _problem(self, request: web.Request, rate: Rate) -> Outcome | None:
        """What speaks against a request before anything of it is looked at."""
        if not rate.takes(self._address(request)):
            return Outcome.RATE_LIMITED
        host = urlsplit(f"//{request.host}").hostname or ""
        if host not in {self._public.hostname, *_LOCAL}:
            return Outcome.FORGED  # another site's name that leads to us
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc not in {request.host, self._public.netloc}:
            return Outcome.FORGED
        return None

    # -- vendors -------------------------------------------------------------------------------------------------

    def _called(self, channel: str) -> "Handle":
        async def called(request: web.Request) -> "Answered":
            if not self._calls.takes(self._address(request)):
                return self._refuse(Outcome.RATE_LIMITED)
            async with asyncio.timeout(self._read_within_seconds):
                body = await request.read()
            call = Call(request.headers, request.query, body, request.method)
            return await self._answer(channel, call)

        return called

    async def _answer(self, channel: str, call: Call) -> "Answered":
        door = self._loaded.doors[channel]
        found = door.open(call, now_ms=self._now_ms())
        if isinstance(found, Refused):
            outcome, status = _REFUSED[found]
            self._tell(channel, outcome)
            return web.Response(status=status), outcome
        if isinstance(found, Challenge):
            return _reply(Reply(found.body, found.media)), Outcome.CHALLENGED
        if not isinstance(found, Pressed):
            return _reply(Reply(b"", "text/plain")), Outcome.IGNORED
        outcome = await self._pressed(channel, found)
        telling, salt = TELLINGS[outcome], secrets.token_bytes(16)
        reply = door.reply(found, telling.chinese, is_good=telling.is_good, now_ms=self._now_ms(), salt=salt)
        return _reply(reply), outcome

    async def _pressed(self, channel: str, pressed: Pressed) -> Outcome:
        offer: Offer | None = self._loaded.keys.open(pressed.seal)
        if offer is None:
            self._tell(channel, Outcome.FORGED)
            return Outcome.FORGED
        person = self._loaded.people[channel].get(pressed.user)
        return await self._taking.by_card(offer, channel=channel, person=person, user=pressed.user)

    # -- answers -------------------------------------------------------------------------------------------------

    def _refuse(self, outcome: Outcome) -> "Answered":
        if outcome in {Outcome.FORGED, Outcome.RATE_LIMITED}:
            self._tell(LINK, outcome)
        return self._page(outcome), outcome

    def _page(self, outcome: Outcome) -> web.Response:
        return _html(pages.tell(outcome), status=TELLINGS[outcome].status)

    def _tell(self, way: str, outcome: Outcome) -> None:
        """That something was refused, now and then; nothing of what was sent."""
        now = time.monotonic()
        if now - self._told_at.get(way, -TOLD_EVERY_SECONDS) >= TOLD_EVERY_SECONDS:
            self._told_at[way] = now
            log.warning("answer_refused", way=way, outcome=outcome)

    def _address(self, request: web.Request) -> str:
        return client_address(request.remote or "", request.headers.get("X-Forwarded-For", ""), self._proxies)

    async def _style(self, _: web.Request) -> web.Response:
        return web.Response(body=pages.STYLE, content_type="text/css", charset="utf-8")


Answered = tuple[web.Response, Outcome]
Handle = Callable[[web.Request], Awaitable[Answered]]
Serve = Callable[[web.Request], Awaitable[web.Response]]


def _html(text: str, *, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


def _reply(reply: Reply) -> web.Response:
    return web.Response(body=reply.body, content_type=reply.media, charset="utf-8")


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers[name] = value
