"""The description of the HTTP API, made from the types that it answers with and the parameters that it reads."""

from enum import StrEnum
from typing import Any

import msgspec

from agents.backtest.saved import Backtest, Listed
from agents.board.access import COOKIE
from agents.board.actions import Asked
from agents.board.backtests import AskedTrial, TrialView
from agents.board.figures import FiguresView
from agents.board.freshness import Status
from agents.board.heat import Tile
from agents.board.hotwords import WordsView
from agents.board.live import Update
from agents.board.natures import NaturesView
from agents.board.query import LIMIT, LIMIT_MAX
from agents.board.views import AlertView, ClockView, IncidentView
from schemas.incidents import IncidentState
from schemas.sla_clocks import ClockState
from schemas.vocabulary import AlertKind, Level, ReasonGroup

_REFERENCE = "#/components/schemas/{name}"
_REFUSED = {"401": {"description": "Log in first."}, "429": {"description": "Too many requests; see Retry-After."}}
_STARTED = {"403": {"description": "The role may not do this."}, **_REFUSED}


def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    shown = (
        AlertView,
        IncidentView,
        ClockView,
        Tile,
        Status,
        Update,
        Asked,
        WordsView,
        FiguresView,
        NaturesView,
        Listed,
        Backtest,
        AskedTrial,
        TrialView,
    )
    references, components = msgspec.json.schema_components(shown, ref_template=_REFERENCE)
    alert, incident, clock, tile, status, update, asked, words, figures, natures, listed, backtest, wanted, run = (
        references
    )
    lists = [_number("limit", LIMIT, LIMIT_MAX)]
    narrowing = [_choices("level", Level), _choice("reason", ReasonGroup), _text("region", "a province code")]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tocsin board", "version": "1", "description": "What the board shows, for programs."},
        "security": [{"token": []}, {"session": []}],
        "paths": {
            "/api/status": _get("How old everything is.", status),
            "/api/regions": _get("Every region's sums of 15 minutes, an hour, a day.", _list(tile)),
            "/api/alerts": _get(
                "Alerts of the last day, newest first.",
                _page(alert),
                [*narrowing, _choices("kind", AlertKind), _text("before", "`next` of the page before"), *lists],
            ),
            "/api/alerts/{id}": _get("One alert.", alert, [_id()], can_miss=True),
            "/api/incidents": _get(
                "Incidents, open ones first.",
                _page(incident),
                [_choices("state", IncidentState), *narrowing, _number("offset", 0, 1_000_000), *lists],
            ),
            "/api/incidents/{id}": _get("One incident.", incident, [_id()], can_miss=True),
            "/api/clocks": _get(
                "Clocks of tickets, the next that is due first.",
                _page(clock),
                [_choices("state", ClockState), _number("offset", 0, 1_000_000), *lists],
            ),
            "/api/words": _get(
                "Hot words of the last hour, of a region or of all.", words, [_text("region", "a province code")]
            ),
            "/api/figures": _get(
                "Figures of the last 24 hours, of a region or of all.", figures, [_text("region", "a province code")]
            ),
            "/api/natures": _get(
                "What complaints are about by nature, beside the whole country's shares.",
                natures,
                [_text("region", "a province code")],
            ),
            "/api/backtests": _get("Saved back-tests, the newest first.", _list(listed)),
            "/api/backtests/run": _get("What can be started, and how far the last one is.", run)
            | {
                "post": {
                    "summary": "Start a back-test; one at a time.",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": wanted}}},
                    "responses": {
                        "202": {"description": "It runs.", "content": {"application/json": {"schema": run}}},
                        "400": {"description": "A field is wrong; the text says which."},
                        "409": {"description": "One runs, or there is no folder to keep results in."},
                        "413": {"description": "The files are too large."},
                        **_STARTED,
                    },
                }
            },
            "/api/backtests/cancel": {
                "post": {
                    "summary": "End the back-test that runs.",
                    "responses": {
                        "200": {"description": "None runs.", "content": {"application/json": {"schema": run}}},
                        **_STARTED,
                    },
                }
            },
            "/api/backtests/{id}": _get("One back-test.", backtest, [_id()], can_miss=True),
            "/api/past/regions": _get("Every region's sums as they were.", _list(tile), [_at()]),
            "/api/past/alerts": _get(
                "Alerts of the day before a past moment.",
                _page(alert),
                [_at(), *narrowing, _choices("kind", AlertKind), _text("before", "`next` of the page before"), *lists],
            ),
            "/api/past/incidents": _get(
                "Incidents as they were, open ones first.",
                _page(incident),
                [_at(), _choices("state", IncidentState), *narrowing, _number("offset", 0, 1_000_000), *lists],
            ),
            "/api/past/words": _get("Hot words as they were.", words, [_at(), _text("region", "a province code")]),
            "/api/past/figures": _get("Figures as they were.", figures, [_at(), _text("region", "a province code")]),
            "/api/past/natures": _get("Natures as they were.", natures, [_at(), _text("region", "a province code")]),
            "/api/events": {
                "get": {
                    "summary": "Server-sent events: `status`, `tiles` (a list of tiles), `update`, and `reload`.",
                    "responses": {"200": {"description": "…", "content": {"text/event-stream": {"schema": update}}}}
                    | _REFUSED,
                }
            },
            "/api/actions": {
                "post": {
                    "summary": "Deal with an alert or an incident; written to alerts.actions.",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": asked}}},
                    "responses": {
                        "202": {"description": "The broker has it."},
                        "400": {"description": "A field is wrong; the text says which."},
                        "403": {"description": "The role may not do this."},
                        "503": {"description": "The broker did not take it."},
                        **_REFUSED,
                    },
                }
            },
        },
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def _get(
    summary: str, schema: Any, parameters: list[dict[str, Any]] | None = None, *, can_miss: bool = False
) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": {"description": summary, "content": {"application/json": {"schema": schema}}}}
    if parameters:
        responses["400"] = {"description": "A parameter is wrong; the text says which."}
    if can_miss:
        responses["404"] = {"description": "There is none, or not among what the last day had."}
    return {"get": {"summary": summary, "parameters": parameters or [], "responses": responses | _REFUSED}}


def _page(item: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "total", "next"],
        "properties": {"items": _list(item), "total": {"type": "integer"}, "next": {"type": "string"}},
    }


def _list(item: Any) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _choices(name: str, kind: type[StrEnum]) -> dict[str, Any]:
    items = {"type": "array", "items": {"enum": list(kind)}}
    return {"name": name, "in": "query", "schema": items, "style": "form", "explode": False}


def _choice(name: str, kind: type[StrEnum]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"enum": list(kind)}}


def _text(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": {"type": "string"}}


def _number(name: str, default: int, highest: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 0, "maximum": highest, "default": default}
    return {"name": name, "in": "query", "schema": schema}


def _at() -> dict[str, Any]:
    description = "a moment of the last 35 days, in milliseconds since the epoch"
    return {"name": "at", "in": "query", "required": True, "description": description, "schema": {"type": "integer"}}


def _id() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
