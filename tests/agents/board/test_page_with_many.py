"""The page in a real Chromium with ten thousand of everything: it loads, goes on to the next ones, and stays fresh."""

import asyncio

from agents.board.reader import wall_ms
from schemas.vocabulary import Level
from tests.support.alerts import SECOND
from tests.support.boards import incident, quoted, served, ticket
from tests.support.browser import PHONE, chromium, tab

MANY = 10_000


async def test_ten_thousand_of_everything():
    """A phone shows the first hundred of each, the total, and what comes in while it looks; filters ask the server."""
    async with served() as board:
        now_ms = wall_ms()
        for number in range(MANY):
            at_ms = now_ms - (MANY - number) * SECOND
            level = Level.HIGH_RISK if number % 10 == 0 else Level.EXPLICIT
            board.model.take(quoted(number, "我要投诉你们", 2, 4, occurred_at=at_ms, emitted_at=at_ms, level=level))
            board.model.take(incident(number, level=level))
            board.model.take(ticket(number))
        board.model.drain()
        beat = asyncio.create_task(board.live.run())
        async with chromium() as browser, tab(browser, str(board.client.make_url("/")), size=PHONE) as phone:
            await phone.until("document.querySelectorAll('#alert-list .row').length === 100")
            for place in ("#alerts-sum", "#incidents-sum", "#clocks-sum"):
                assert "10,000" in await phone.text(place)
            await phone.page.click("#more")
            await phone.until("document.querySelectorAll('#alert-list .row').length === 200")
            await phone.page.click("#more-incidents")
            await phone.until("document.querySelectorAll('#incident-list > li').length === 200")
            board.model.take(quoted(MANY, "现在就要投诉", 3, 5, occurred_at=now_ms, emitted_at=now_ms))
            await phone.until("document.querySelector('#alert-list .row').textContent.includes('现在就要')")
            assert "10,001" in await phone.text("#alerts-sum")
            await phone.page.keyboard.press("3")
            await phone.until("document.querySelector('#alerts-sum').textContent.includes('1,000')")
            assert await phone.page.locator("#alert-list li:not([data-level='high_risk'])").count() == 0
            assert phone.errors == []
        beat.cancel()
