"""What the page says there is in all, in a real Chromium: it loads a stretch of each list and hears every change."""

import asyncio

from agents.board.reader import wall_ms
from pipeline.times import HOUR_MS
from schemas.incidents import IncidentState
from schemas.sla_clocks import ClockState
from tests.support.alerts import SECOND, alert
from tests.support.boards import clock, incident, served, ticket
from tests.support.browser import chromium, tab

DAY_MS = 24 * HOUR_MS
HELD = """async (changes) => {
  const { seen } = await import("/static/state.js");
  const { put } = await import("/static/picture.js");
  for (const each of changes) { Object.assign(seen, each.seen); put(each.update); }
  return [seen.total, seen.alerts.length, seen.incidentsTotal, seen.clocksTotal];
}"""


def ended(number):
    """A ticket whose clock has stopped for good, after it ran."""
    return ticket(number, clock(None, state=ClockState.HIT), version=2)


async def test_a_page_that_holds_a_stretch_says_how_many_there_are():
    """A change of a row that it does not hold is no new row, and the end of one is an end."""
    async with served() as board:
        now_ms = wall_ms()
        for number in range(1_000):
            board.model.take(ticket(number, clock(number * SECOND)))
        for number in range(150):
            board.model.take(incident(number, -number * SECOND))
        board.model.take(alert(1, occurred_at=now_ms, emitted_at=now_ms))
        board.model.drain()
        beat = asyncio.create_task(board.live.run())
        async with chromium() as browser, tab(browser, str(board.client.make_url("/?lang=en"))) as page:
            for place, total in (("alerts", "1"), ("incidents", "150"), ("clocks", "1,000")):
                await page.until(f"document.querySelector('#{place}-sum').textContent === 'total {total}'")
            for number in range(500, 750):
                board.model.take(ticket(number, clock(number * SECOND), version=2))
                board.model.take(ended(number + 250))
            for number in (*range(5), *range(100, 105)):
                board.model.take(incident(number, HOUR_MS, state=IncidentState.RESOLVED))
            for number in range(105, 150):
                board.model.take(incident(number, -number * SECOND, state=IncidentState.ACKED))
            board.model.take(alert(2, occurred_at=now_ms, emitted_at=now_ms))
            board.model.take(alert(3, occurred_at=now_ms - DAY_MS, emitted_at=now_ms - DAY_MS))
            for place, total in (("alerts", "2"), ("incidents", "140"), ("clocks", "750")):
                await page.until(f"document.querySelector('#{place}-sum').textContent === 'total {total}'")
            assert page.errors == []
        beat.cancel()


def running(*tickets):
    """What an update says of tickets whose clock runs."""
    return {name: [{"ticket_id": name, "clock": "resolution", "state": "active"}] for name in tickets}


def rows_of_day(number, count=100):
    """Alerts of a day, `number` days ago, the newest as the server sends it."""
    begin_ms = wall_ms() - number * DAY_MS - HOUR_MS
    return [{"id": f"a{number}-{each}", "emitted_at": begin_ms + each * SECOND} for each in range(count)]


CHANGES = {
    "three days of alerts: the last one counts": (
        [{"update": {"alerts": rows_of_day(number)}} for number in (2, 1, 0)],
        [100, 100, 0, 0],
    ),
    "an alert is a new row, however many there are before": (
        [{"seen": {"total": 9_000, "next": "1:a"}, "update": {"alerts": rows_of_day(0)}}],
        [9_100, 100, 0, 0],
    ),
    "every clock is held: they are counted": (
        [{"update": {"clocks": running("t1", "t2")}}, {"update": {"clocks": running("t1") | {"t2": []}}}],
        [0, 0, 0, 1],
    ),
    "some clocks are held: nothing is made up before the server was asked": (
        [
            {"seen": {"clocksTotal": 1_000, "clocksNext": "200"}, "update": {"clocks": running("t1")}},
            {"update": {"clocks": {"t2": []}}},
        ],
        [0, 0, 0, 1_000],
    ),
    "every incident is held: they are counted": (
        [
            {"update": {"incidents": [{"id": name, "state": "open"} for name in "abc"]}},
            {"update": {"incidents": [{"id": "a", "state": "resolved"}], "gone": ["b", "x"]}},
        ],
        [0, 0, 1, 0],
    ),
    "some incidents are held: the end of one of them counts at once": (
        [
            {
                "seen": {"incidentsTotal": 150, "incidentsNext": "100"},
                "update": {"incidents": [{"id": "i1", "state": "acked"}, {"id": "i2", "state": "resolved"}]},
            },
            {"update": {"incidents": [{"id": "i1", "state": "resolved"}]}},
        ],
        [0, 0, 149, 0],
    ),
}
LAST_MS = 8_640_000_000_000_000 - 8 * HOUR_MS  # that a date of JavaScript can say in China's time
MOMENTS = {"9000000000000000": 0, str(LAST_MS + 1): 0, str(LAST_MS): LAST_MS, "-1": 0, "yesterday": 0}


async def test_what_a_change_does_to_the_totals():
    """Of the page's own rows it is sure; nothing else is counted by it."""
    found = {}
    async with served() as board, chromium() as browser:
        for name, (changes, _) in CHANGES.items():
            async with tab(browser, str(board.client.make_url("/"))) as page:
                await page.until("document.querySelector('#alert-list .empty') !== null")
                found[name] = await page.page.evaluate(HELD, changes)
    assert found == {name: expected for name, (_, expected) in CHANGES.items()}


async def test_a_moment_that_no_date_says_is_now():
    """A link that was written by hand leaves a page that works."""
    found = {}
    async with served() as board, chromium() as browser:
        for at in MOMENTS:
            async with tab(browser, str(board.client.make_url(f"/?at={at}"))) as page:
                await page.until("document.querySelector('#region').options.length > 30")
                found[at] = await page.page.evaluate("async () => (await import('/static/state.js')).chosen.at")
    assert found == MOMENTS
