"""What the board answers with: JSON, compressed where that is worth it."""

from typing import Any

import msgspec
from aiohttp import web

_encode = msgspec.json.Encoder().encode


def json_answer(body: Any, *, status: int = 200) -> web.Response:
    """A value as JSON."""
    response = web.Response(body=_encode(body), status=status, content_type="application/json")
    response.enable_compression()
    return response


def found_or_404(view: Any, *, missing: str) -> web.Response:
    """A value as JSON; where there is none, the text says why."""
    if view is None:
        raise web.HTTPNotFound(text=f"{missing}\n")
    return json_answer(view)
