"""Which web pages may listen: our own host's and those that the settings name. A program that is no page names none."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from agents.hints.access import Access

_ASKED_BY_PAGES = "Authorization, Last-Event-ID"


def origin_guard(access: Access) -> Middleware:
    """Refuse pages of other origins, and tell browsers that the named ones may send a token."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not access.takes_origin(request.headers.get("Origin", ""), request.host):
            raise web.HTTPForbidden(text="another origin\n")
        if request.method == "OPTIONS":
            headers = {"Access-Control-Allow-Methods": "GET", "Access-Control-Allow-Headers": _ASKED_BY_PAGES}
            return web.Response(status=204, headers={**headers, "Access-Control-Max-Age": "600"})
        return await handler(request)

    return guard


async def add_origin(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: an answer to a page that was let in says so; one to a refused page does not."""
    origin = request.headers.get("Origin", "")
    response.headers["Vary"] = "Origin"
    if origin and response.status != web.HTTPForbidden.status_code:
        response.headers["Access-Control-Allow-Origin"] = origin
