"""Replies: pages and statuses for what became of a request, and a log that whoever knocks often cannot fill."""

import time
from http import HTTPStatus

import structlog
from aiohttp import web

from agents.answer import pages
from agents.answer.outcomes import TELLINGS, Outcome

log = structlog.get_logger("tocsin.answer")

TOLD_EVERY_SECONDS = 10.0

Answered = tuple[web.Response, Outcome]


def html(text: str, *, status: int = HTTPStatus.OK) -> web.Response:
    """A page."""
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


def told(outcome: Outcome) -> Answered:
    """The page that says what became of it."""
    return html(pages.tell(outcome), status=TELLINGS[outcome].status), outcome


class Refusals:
    """Says now and then that something was refused, by which way and why; nothing of what was sent."""

    def __init__(self) -> None:
        self._told_at: dict[str, float] = {}

    def tell(self, way: str, outcome: Outcome) -> None:
        """One more was refused."""
        now = time.monotonic()
        if now - self._told_at.get(way, -TOLD_EVERY_SECONDS) >= TOLD_EVERY_SECONDS:
            self._told_at[way] = now
            log.warning("answer_refused", way=way, outcome=outcome)
