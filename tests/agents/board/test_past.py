"""The board as it was: asked for by a moment, in a real Chromium, and never taken for the present."""

import pytest

from agents.board.heat import MINUTE_MS
from agents.board.reader import wall_ms
from pipeline.times import DAY_MS, HOUR_MS
from tests.support.boards import incident, quoted, served, window
from tests.support.browser import chromium, tab


async def test_the_past_is_shown_and_marked():
    """Three hours ago a region had complaints that nobody sees now; the way back is one click."""
    async with served() as board:
        at_ms = wall_ms() // MINUTE_MS * MINUTE_MS - 3 * HOUR_MS
        board.past.model.take(window(at_ms - MINUTE_MS))
        board.past.model.take(
            quoted(1, "那时候就要投诉", 3, 7, occurred_at=at_ms - MINUTE_MS, emitted_at=at_ms - MINUTE_MS)
        )
        board.past.model.take(incident(1, at_ms, title="广东 · 法律途径"))
        url = str(board.client.make_url(f"/?at={at_ms}"))
        async with chromium() as browser, tab(browser, url) as desk:
            await desk.until("document.querySelectorAll('#alert-list .row').length === 1")
            assert await desk.text("[data-region='440000'] b") == "2"
            assert await desk.page.get_attribute("[data-region='440000']", "data-grey") is None
            assert "过去的看板，不是现在" in await desk.text("#past")
            assert await desk.page.get_attribute("#trust", "data-trust") == "past"
            assert "广东 · 法律途径" in await desk.text("#incident-list")
            assert await desk.page.locator("#incident-list button").count() == 0
            assert not await desk.page.is_visible("#clock-list")
            assert set(board.past.asked) == {at_ms}
            assert await desk.violations() == []
            await desk.page.click("#now")
            await desk.until("!location.search.includes('at=') && document.querySelector('#past').hidden")
            await desk.until("document.querySelectorAll('#alert-list .empty').length === 1")
            assert await desk.page.locator("#alert-list .row").count() == 0
            assert desk.errors == []


async def test_a_moment_is_chosen_on_the_clock_of_china():
    """The reader's own zone does not matter."""
    async with served() as board, chromium() as browser, tab(browser, str(board.client.make_url("/"))) as desk:
        minute_ms = wall_ms() // MINUTE_MS * MINUTE_MS - HOUR_MS
        text = await desk.page.evaluate(f"new Date({minute_ms} + 8 * 3600000).toISOString().slice(0, 16)")
        await desk.until("document.querySelectorAll('.tile').length === 35")
        await desk.page.fill("#moment", text)
        await desk.until(f"location.search.includes('at={minute_ms}')")


@pytest.mark.parametrize("at", ["", "at=", "at=x", "at=-1", "at=1e9", "at=0", "at={later}", "at={long_ago}"])
async def test_only_moments_that_are_kept_are_answered(at):
    """Not the future, not what no topic has any more; what was given is not echoed."""
    now_ms = wall_ms()
    query = at.format(later=now_ms + HOUR_MS, long_ago=now_ms - 40 * DAY_MS)
    async with served() as board:
        for path in ("regions", "alerts", "incidents", "words", "figures"):
            status, body = await board.get(f"/api/past/{path}?{query}")
            assert (status, "at: expected" in body) == (400, True)
        assert board.past.asked == []
