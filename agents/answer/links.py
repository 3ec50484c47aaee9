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
            return self._refused(Outcome.FORGED)
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
            return self._refused(Outcome.UNUSABLE)
        seal = request.match_info["seal"]
        try:
            given = await request.post()
        except (LookupError, ValueError):  # in no encoding that there is, or not in the one that it names
            return self._refused(Outcome.UNUSABLE)
        offer = self._opened(request, seal)
        form, note = str(given.get("form", "")), str(given.get("note", ""))
        if offer is None or not self._keys.is_form(form, request.cookies.get(SESSION, ""), seal):
            return self._refused(Outcome.FORGED)
        return told(await self._taking.by_link(offer, note.strip()))

    def _opened(self, request: web.Request, seal: str) -> Offer | None:
        """The offer, unless the request came by another site's name for us, or from another site's page."""
        try:
            host = urlsplit(f"//{request.host}").hostname or ""
            origin = urlsplit(request.headers.get("Origin", f"//{request.host}")).netloc
        except ValueError:  # a bracket that is not closed
            return None
        is_ours = host in {self._public.hostname, *LOCAL} and origin in {request.host, self._public.netloc}
        return self._keys.open(seal) if is_ours else None

    def _refused(self, outcome: Outcome) -> Answered:
        self._refusals.tell(WAY, outcome)
        return told(outcome)
