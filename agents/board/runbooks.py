"""Runbooks as pages: where an alert of Prometheus leads to, with nothing to install and nobody to ask first.

They are the files of `docs/runbooks`, in the tree or as they were installed. They hold nothing about customers, and
whoever is woken by one needs it at once: no login stands before them.
"""

import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path

from aiohttp import web
from markdown_it import MarkdownIt
from markdown_it.token import Token

_FOLDERS = (Path(__file__).parents[2] / "docs/runbooks", Path(sys.prefix) / "share/tocsin/runbooks")
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} Tocsin</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/board.css">
</head>
<body>
<header><nav>
<a href="/" lang="zh-CN">看板 <span lang="en">Board</span></a> <a href="/runbooks">Runbooks</a>
</nav></header>
<main class="reading"><section class="prose">
{body}</section></main>
</body>
</html>
"""


class Runbooks:
    """Every page, made once."""

    def __init__(self, folders: Sequence[Path] = _FOLDERS) -> None:
        files = sorted(next((found for folder in folders if (found := list(folder.glob("*.md")))), []))
        self._pages = {path.stem: _page(path.stem, path.read_text(encoding="utf-8")) for path in files}
        listed = "".join(f'<li><a href="/runbooks/{name}">{name}</a></li>' for name in self._pages)
        self._list = _PAGE.format(title="Runbooks", body=f"<h1>Runbooks</h1><ul>{listed}</ul>")

    def routes(self) -> list[web.RouteDef]:
        """Where they are."""
        return [web.get("/runbooks", self.list), web.get("/runbooks/{alert}", self.show)]

    async def list(self, _: web.Request) -> web.Response:
        """All of them, by the name of the alert."""
        return web.Response(text=self._list, content_type="text/html")

    async def show(self, request: web.Request) -> web.Response:
        """One, by the name of its alert."""
        page = self._pages.get(request.match_info["alert"])
        if page is None:
            raise web.HTTPNotFound(text="no alert has this name\n")
        return web.Response(text=page, content_type="text/html")


def _page(name: str, text: str) -> str:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in tokens:
        _lead_on(token.children or [])
    return _PAGE.format(title=escape(name), body=reader.renderer.render(tokens, reader.options, {}))


def _lead_on(tokens: Sequence[Token]) -> None:
    """Links to other runbooks lead to their pages; those to the rest of the docs, which is not here, become text."""
    is_text = False
    for token in tokens:
        if token.type == "link_open":
            target = str(token.attrGet("href"))
            name = target.removesuffix(".md")
            is_text = "/" in name and "://" not in name
            token.attrs = {} if is_text else {"href": target if "://" in target else f"/runbooks/{name}"}
        if token.type in {"link_open", "link_close"} and is_text:
            token.tag = "span"
