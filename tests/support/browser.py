"""A real Chromium (Debian's) over one page: what it shows, what it complains of, whom it asks."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import axe_core_python
from playwright.async_api import Browser, Error, Page, async_playwright

from tests.support.cluster import PATIENCE_SECONDS
from tests.support.tools import tool

AXE = Path(axe_core_python.__file__).parent / "axe.min.js"
PHONE = (390, 844)
WALL = (1920, 1080)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window; it fetches nothing of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=tool("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            await browser.close()


class Tab:
    """One page, with everything that went wrong on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.strangers: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._said)
        page.on("request", self._asked)

    def _said(self, message: Any) -> None:
        if message.type == "error" and "ERR_" not in message.text:  # a board that is away is part of the story
            self.errors.append(message.text)

    def _asked(self, request: Any) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.page.url).netloc and self.page.url != "about:blank":
            self.strangers.append(request.url)

    async def text(self, selector: str) -> str:
        """What stands somewhere."""
        return (await self.page.locator(selector).first.inner_text()).strip()

    async def until(self, script: str, *, within_seconds: float = PATIENCE_SECONDS) -> None:
        """Until something holds on the page. Asked from here: the page's own policy forbids it to evaluate text."""
        deadline = time.monotonic() + within_seconds
        while not await self._holds(script):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {within_seconds:.0f} s: {script}")
            await asyncio.sleep(0.05)

    async def _holds(self, script: str) -> bool:
        try:
            return bool(await self.page.evaluate(script))
        except Error as error:
            if "Execution context was destroyed" in error.message:  # by a navigation: ask the next page
                return False
            raise

    async def violations(self) -> list[str]:
        """What axe-core finds: contrast, names, roles, order."""
        if not await self.page.evaluate("typeof axe === 'object'"):
            await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await self.page.evaluate("axe.run()")
        return [
            f"{each['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
            for each in found["violations"]
            for node in each["nodes"]
        ]


@asynccontextmanager
async def tab(
    browser: Browser, url: str, *, size: tuple[int, int] = WALL, scheme: Literal["light", "dark"] = "light"
) -> AsyncIterator[Tab]:
    """One page of its own, nothing remembered."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    try:
        it = Tab(await context.new_page())
        await it.page.goto(url)
        yield it
    finally:
        await context.close()
