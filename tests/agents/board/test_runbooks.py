"""Runbooks on the board: every alert's link opens a page, without a login, and a page's links lead on."""

import re

import pytest

from agents.board.runbooks import Runbooks
from agents.settings import Board
from agents.web.tokens import new_token
from pipeline.incidents.roles import Role
from tests.support.boards import served
from tests.support.browser import chromium, tab
from tests.support.promql import rules
from tests.support.tree import ROOT

LINKS = {rule["alert"]: rule["annotations"]["runbook_url"] for rule in rules() if "alert" in rule}


async def test_the_link_of_every_alert_opens_its_runbook(tmp_path):
    """Also for whoever is not logged in: it is read at night, and holds nothing about customers."""
    tokens = tmp_path / "tokens"
    tokens.write_text(new_token(Role.VIEWER, "wall")[1], encoding="utf-8")
    async with served(Board(tokens_file=tokens)) as board:
        assert (await board.get("/api/status"))[0] == 401
        for alert, url in LINKS.items():
            status, page = await board.get(url[url.index("/runbooks/") :])
            assert (status, f"<h1>{alert}</h1>" in page, "<h2>Mitigation</h2>" in page) == (200, True, True), alert
            for link in re.findall(r'href="([^"]+)"', page):
                assert link.startswith("/"), (alert, link)
                assert (await board.get(link))[0] == 200, (alert, link)
        _, listed = await board.get("/runbooks")
        assert set(re.findall(r'href="/runbooks/(\w+)"', listed)) == set(LINKS)


@pytest.mark.parametrize("name", ["TocsinNothing", "..%2f..%2fREADME", "%2e%2e/board", "TocsinNoWorker.md", ""])
async def test_nothing_else_is_served(name):
    """Names are looked up among the pages; no file is opened for one."""
    async with served() as board:
        assert (await board.get(f"/runbooks/{name}"))[0] == 404


async def test_they_are_found_where_they_were_installed(tmp_path):
    """A tree has them in docs, an installation in its shared files; what is written there is text, never markup."""
    text = "# TocsinMadeUp\n\n<script>alert(1)</script> [other](TocsinNoWorker.md) [page](../sla.md) `a<b`\n"
    (tmp_path / "TocsinMadeUp.md").write_text(text, encoding="utf-8")
    page = Runbooks((ROOT / "nowhere", tmp_path))._pages["TocsinMadeUp"]
    assert "<script>" not in page
    assert '<a href="/runbooks/TocsinNoWorker">other</a> <span>page</span> <code>a&lt;b</code>' in page
    assert "docs/runbooks/*.md" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


async def test_a_page_can_be_read():
    """Contrast, names and order, for axe; nothing is asked of another origin."""
    async with (
        served() as board,
        chromium() as browser,
        tab(browser, str(board.client.make_url("/runbooks/TocsinNoWorker")), scheme="dark") as desk,
    ):
        assert await desk.text("h1") == "TocsinNoWorker"
        assert await desk.violations() == []
        assert (desk.errors, desk.strangers) == ([], [])
