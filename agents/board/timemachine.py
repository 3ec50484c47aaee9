"""The time machine over HTTP: the same answers as of the live board, as they were at `at`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from aiohttp import web
from aiokafka.errors import KafkaError

from agents.board.answers import json_answer
from agents.board.query import QueryError, alert_query, incident_query, place_query
from agents.board.reader import wall_ms
from agents.board.readmodel import ReadModel
from schemas.topics import WINDOWS

_Answer = Callable[[ReadModel, Mapping[str, str], int], Any]


class Pictures(Protocol):
    """Where pictures of the past come from."""

    def at(self, at_ms: int) -> Awaitable[ReadModel]:
        """What a board showed at a minute."""


class PastPages:
    """Answers about a past moment, to whoever may see the board."""

    def __init__(self, past: Pictures, require_login: Callable[[web.Request], object]) -> None:
        self._past = past
        self._require_login = require_login

    def routes(self) -> dict[str, Callable[[web.Request], Awaitable[web.Response]]]:
        """Handlers by path."""
        answers: dict[str, _Answer] = {
            "/api/past/regions": lambda model, _, at_ms: model.tiles(now_ms=at_ms),
            "/api/past/alerts": lambda model, query, _: model.alerts(alert_query(query)),
            "/api/past/incidents": lambda model, query, _: model.incidents(incident_query(query)),
            "/api/past/words": lambda model, query, at_ms: model.words(place_query(query), now_ms=at_ms),
            "/api/past/figures": lambda model, query, at_ms: model.figures(place_query(query), now_ms=at_ms),
            "/api/past/natures": lambda model, query, at_ms: model.natures(place_query(query), now_ms=at_ms),
        }
        return {path: self._handler(answer) for path, answer in answers.items()}

    def _handler(self, answer: _Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            self._require_login(request)
            query = dict(request.query)
            try:
                at_ms = _moment(query.pop("at", ""))
                return json_answer(answer(await self._past.at(at_ms), query, at_ms))
            except QueryError as error:
                raise web.HTTPBadRequest(text=f"{error}\n") from error
            except (KafkaError, OSError, TimeoutError) as error:
                raise web.HTTPServiceUnavailable(text="the log could not be read; try again\n") from error

        return handle


def _moment(text: str) -> int:
    """Milliseconds since the epoch, in the past and as far back as windows are kept."""
    now_ms = wall_ms()
    kept_ms = int(WINDOWS.retention.total_seconds() * 1000) if WINDOWS.retention else now_ms
    if not (text.isascii() and text.isdigit() and len(text) < 17 and now_ms - kept_ms <= int(text) <= now_ms):
        raise QueryError(f"at: expected milliseconds since the epoch, within the last {kept_ms // 86_400_000} days")
    return int(text)
