"""Links: a GET asks and does nothing, so a preview in a chat does nothing; a POST acts where our own page asked."""

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import web

from agents.answer import pages
from agents.answer.load import Loaded
from agents.answer.outcomes import Outcome
from agents.answer.replies import Answered, Refusals, html, told
from agents.answer.taking import Taking
from agents.answer.witness import Witness
from agents.web.loopback import LOCAL
from pipeline.answers.offers import Offer

WAY = "link"
SESSION = "tocsin_answer"
_SESSION_SECONDS = 86_400


class Links:
    """Opens links and takes the forms of their pages."""

    def __init__(
        self, loaded: Loaded, taking: Taking, witness: Witness, refusals: Refusals, *, now_ms: Callable[[], int]
    ) -> None:
        self._keys = loaded.keys
        self._public = urlsplit(loaded.answers.url)
        self._taking = taking
        self._witness = witness
        self._refusals = refusals
        self._now_ms = now_ms

    async def ask(self, request: web.Request) -> Answered:
        """Show what would be done; do nothing."""
        seal = request.match_info["seal"]
        offer = self._opened(request, seal)
        if offer is None:
            return self._forged()
        if self._now_ms() > offer.not_after_ms:
            return told(Outcome.EXPIRED)
        session = request.cookies.get(SESSION, "") or secrets.token_urlsafe(16)
        response = html(pages.ask(offer, self._witness.incident(offer.incident_id), self._keys.form(session, seal)))
        response.set_cookie(
            SESSION,
            session,
            max_age=_SESSION_SECONDS,
            httponly=True,
            samesite="Strict",
            secure=self._public.scheme == "https",
            path="/",
        )
        return response, Outcome.SHOWN

    async def act(self, request: web.Request) -> Answered:
        """Do it, where our own page asked in the same browser."""
        if request.content_type != "application/x-www-form-urlencoded":
            return told(Outcome.UNUSABLE)
        seal, given = request.match_info["seal"], await request.post()
        offer = self._opened(request, seal)
        form, note = str(given.get("form", "")), str(given.get("note", ""))
        if offer is None or not self._keys.is_form(form, request.cookies.get(SESSION, ""), seal):
            return self._forged()
        return told(await self._taking.by_link(offer, note.strip()))

    def _opened(self, request: web.Request, seal: str) -> Offer | None:
        """The offer, unless the request came by another site's name for us, or from another site's page."""
        host = urlsplit(f"//{request.host}").hostname or ""
        origin = request.headers.get("Origin")
        is_ours = host in {self._public.hostname, *LOCAL}
        if origin is not None and urlsplit(origin).netloc not in {request.host, self._public.netloc}:
            is_ours = False
        return self._keys.open(seal) if is_ours else None

    def _forged(self) -> Answered:
        self._refusals.tell(WAY, Outcome.FORGED)
        return told(Outcome.FORGED)
