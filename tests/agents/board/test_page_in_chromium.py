"""The page in a real Chromium, without Kafka: ten thousand of everything, and a surge."""

import asyncio

import pytest

from agents.board.reader import wall_ms
from agents.settings import Board
from pipeline.times import HOUR_MS, MINUTE_MS
from schemas.vocabulary import AlertKind, Level, ReasonGroup
from schemas.windows import RegionUsual
from tests.support.alerts import ATTITUDE, SECOND, alert
from tests.support.boards import clock, incident, quoted, served, ticket, window
from tests.support.browser import PHONE, chromium, tab

MANY = 10_000
LANGUAGES = ("zh", "en")
GRAFANA_OF_GUANGDONG = "https://grafana.example.com/d/tocsin-region?var-region=440000"


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
                await phone.until(f"document.querySelector('{place}').textContent.includes('10,000')")
            await phone.page.click("#more")
            await phone.until("document.querySelectorAll('#alert-list .row').length === 200")
            await phone.page.click("#more-incidents")
            await phone.until("document.querySelectorAll('#incident-list > li').length === 200")
            board.model.take(quoted(MANY, "现在就要投诉", 3, 5, occurred_at=now_ms, emitted_at=now_ms))
            await phone.until("document.querySelector('#alert-list .row').textContent.includes('现在就要')")
            await phone.until("document.querySelector('#alerts-sum').textContent.includes('10,001')")
            await phone.page.keyboard.press("3")
            await phone.until("document.querySelector('#alerts-sum').textContent.includes('1,000')")
            await phone.until("document.querySelectorAll('#alert-list li:not([data-level=high_risk])').length === 0")
            assert phone.errors == []
        beat.cancel()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_wall_shows_everything_in_its_width(language):
    """Read from three metres, nobody scrolls sideways; English titles and signs are English; links are for desks."""
    async with served(Board(grafana_url="https://grafana.example.com")) as board:
        signs = {"findings": ("refiled_category", "unexplained_rejection", "dodged_warnings")}
        for number in range(20):
            board.model.take(incident(number, title="广东 · 法律途径 · 高危投诉", level=Level.HIGH_RISK))
            board.model.take(ticket(number, clock(), **signs))
        address = str(board.client.make_url(f"/?wall=1&lang={language}&region=440000"))
        async with chromium() as browser, tab(browser, address, scheme="dark") as wall:
            await wall.until("document.querySelectorAll('#clock-list > li').length === 20")
            assert await wall.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert await wall.violations() == []
            title = {"zh": "广东 · 法律途径 · 高危投诉", "en": "Guangdong · Legal · High risk"}[language]
            assert await wall.text("#incident-list b") == title
            sign = {"zh": "质量问题被改成其他类别", "en": "Refiled category"}[language]
            assert sign in await wall.text("#clock-list")
            assert not await wall.page.is_visible("#grafana")
            await wall.page.keyboard.press("w")
            assert await wall.page.get_attribute("#grafana", "href") == GRAFANA_OF_GUANGDONG
            assert await wall.page.is_visible("#grafana")
            assert (wall.errors, wall.strangers) == ([], [])


def about_a_figure(number, kind, change, figure, **measured):
    """An alert of the stage `kpis`."""
    at_ms = wall_ms() - MINUTE_MS + number
    level = Level.POTENTIAL if change == "opened" else Level.EXPLICIT
    tags = (change, f"kpi:{figure}", "region:440000")
    return alert(
        number, alert_id=f"{kind}:{number}", kind=kind, tags=tags, level=level, reasons=(), occurred_at=at_ms,
        emitted_at=at_ms, **measured,
    )  # fmt: skip


RATE = {"value": 0.08, "baseline": 0.02, "count": 1_100, "channel": None}
NPS = {"value": -0.25, "baseline": 0.4, "count": 60, "channel": None}
SILENT = {"count": 0}  # of phone calls


@pytest.mark.parametrize(
    ("kind", "figure", "measured", "told"),
    [
        pytest.param(
            AlertKind.RATE, "complaint_rate_b", RATE, "客诉率（次） 8.00 %（平时 2.00 %） n = 1,100", id="a rate"
        ),
        pytest.param(AlertKind.SCORE_FALL, "nps", NPS, "净推荐值 -25（平时 +40） n = 60", id="a score"),
        pytest.param(AlertKind.NO_DATA, "contacts.voice", SILENT, "", id="a silent channel"),
    ],
)
async def test_an_alert_about_a_figure_that_is_over_is_not_a_new_complaint(kind, figure, measured, told):
    """It has no level, and says that it is over; before, and after, it says which figure and how much of how many."""
    async with served() as board:
        for number, change in enumerate(("opened", "grown", "resolved")):
            board.model.take(about_a_figure(number, kind, change, figure, **measured))
        async with chromium() as browser, tab(browser, str(board.client.make_url("/"))) as desk:
            await desk.until("document.querySelectorAll('#alert-list .row').length === 3")
            rows = [await desk.page.locator("#alert-list .row").nth(number).inner_text() for number in range(3)]
            levels = "[...document.querySelectorAll('#alert-list > li')].map((row) => row.dataset.level)"
            assert await desk.page.evaluate(levels) == ["none", "explicit", "potential"]
            for row, signs in zip(rows, (("✓", "已解决"), ("▲▲", "△ 明确投诉"), ("▲", "○ 潜在投诉")), strict=True):
                assert [sign for sign in (*signs, told) if sign not in row] == [], row
            assert not [sign for sign in ("△", "明确投诉", "▲") if sign in rows[0]], rows[0]
            await desk.page.click("#alert-list .row")
            detail = await desk.text("#alert-list .detail")
            assert (told in detail, "指标" in detail) == (True, bool(told))
            assert await desk.violations() == []
            assert desk.errors == []


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        pytest.param("region=440100&level=explicit", "level=explicit", id="a city is no region"),
        pytest.param("reason=no_such&region=440000", "region=440000", id="an unknown reason"),
    ],
)
async def test_a_link_to_what_there_is_not_shows_the_board_without_it(asked, kept):
    """An empty board under the word `live` would say that nobody complained."""
    async with served() as board:
        now_ms = wall_ms()
        board.model.take(quoted(1, "我要投诉", 2, 4, occurred_at=now_ms, emitted_at=now_ms))
        async with chromium() as browser, tab(browser, str(board.client.make_url(f"/?{asked}"))) as desk:
            await desk.until("document.querySelectorAll('#alert-list .row').length === 1")
            assert kept in desk.page.url
            assert not [part for part in ("440100", "no_such") if part in desk.page.url]
            assert desk.errors == []


async def test_what_the_board_refuses_is_said_and_not_asked_again():
    """A moment that is not kept any more: the page says what was expected, where it would show nothing in silence."""
    async with served() as board:
        asked = []
        async with chromium() as browser, tab(browser, str(board.client.make_url("/?at=5"))) as desk:
            await desk.page.clock.install()
            await desk.page.reload()
            desk.page.on("request", lambda request: asked.append(request.url))
            await desk.until("document.querySelector('#stale').textContent.includes('at: expected milliseconds')")
            assert await desk.page.is_visible("#stale")
            assert await desk.text("#trust") == "✕ 没有读到"
            first = len(asked)
            await desk.page.clock.run_for(4_000)  # it asks again after three seconds where that may help
            assert len(asked) == first
            await desk.page.click("#now")
            await desk.until("document.querySelector('#trust').textContent === '● 实时'")
            assert not await desk.page.is_visible("#stale")


async def test_what_the_board_cannot_answer_is_said_and_asked_again():
    """The stream goes on, so `live` would stand over a board that shows nothing."""
    async with served() as board, chromium() as browser:
        real, board.model.alerts = board.model.alerts, None  # a bug of ours: 500
        async with tab(browser, str(board.client.make_url("/"))) as desk:
            await desk.until("document.querySelector('#trust').textContent === '✕ 没有读到'")
            assert "正在重试" in await desk.text("#stale")
            board.model.alerts = real
            await desk.until("document.querySelector('#trust').textContent === '● 实时'")
            assert not await desk.page.is_visible("#stale")


async def test_a_surge_is_seen_before_a_large_number(tmp_path):
    """Guangdong has five against a usual two and surges, Beijing has twelve against fifteen: Guangdong comes first."""
    async with served() as board:
        now_ms = wall_ms()
        minute_ms, hour_ms = now_ms - now_ms % MINUTE_MS, now_ms - now_ms % HOUR_MS
        for region, count, usual in (("440000", 5, 2.0), ("110000", 12, 15.0)):
            counts = {"alerts": {Level.EXPLICIT: count}, "complaints": {ReasonGroup.SERVICE: count}}
            board.model.take(window(minute_ms, region=region, **counts))
            for number in range(26):
                start_ms = hour_ms - number * HOUR_MS
                board.model.take(RegionUsual(region=region, hour_start=start_ms, total=usual))
        surge = {"kind": AlertKind.SURGE, "fingerprint": "surge:440000:service", "tags": ("opened", "minutes:15")}
        times = {"occurred_at": now_ms, "emitted_at": now_ms, "count": 5, "baseline": 0.5}
        board.model.take(alert(1, reasons=(ATTITUDE,), **surge, **times))
        async with chromium() as browser, tab(browser, str(board.client.make_url("/?layout=heat"))) as desk:
            await desk.until("document.querySelectorAll('.tile').length === 35")
            await desk.until("document.querySelectorAll('#alert-list .row').length === 1")
            await desk.until("document.querySelector('.tile').dataset.surge === '激增'")
            first = await desk.text(".tile")
            assert first.splitlines()[:2] == ["广东", "5 ×2.5"]
            assert "客服服务" in await desk.page.get_attribute(".tile", "aria-label")
            await desk.until("document.querySelector('[data-region=\"110000\"]').textContent.includes('×0.8')")
            await desk.until("document.querySelector('#alert-list').textContent.includes('5（平时 0.5）')")
            assert await desk.violations() == []
            await desk.page.screenshot(path=tmp_path / "surge.png")
