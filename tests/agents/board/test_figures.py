"""Figures on the board: a day of a region or of all, each with its n; what is too few or nothing is grey."""

import asyncio

import pytest

from agents.board.figure import Standing
from agents.board.figures import ALL, Figures
from agents.board.hours import PRODUCTS_MAX
from agents.board.reader import wall_ms
from pipeline.kpis.measure import duration, score, share, sum_of
from pipeline.times import HOUR_MS
from schemas.kpis import Kpi, KpiHour
from tests.support.boards import served
from tests.support.browser import chromium, tab

NOW_MS = 1_767_240_000_000 + HOUR_MS // 2


def hour(measures, *, region="440000", ago=0, version=1, now_ms=NOW_MS, subject=""):
    """One hour of a region's figures."""
    start_ms = now_ms // HOUR_MS * HOUR_MS - ago * HOUR_MS
    return KpiHour(
        subject=subject or f"region:{region}",
        hour_start=start_ms,
        version=version,
        measures=measures,
        emitted_at=now_ms,
    )


def nps(promoters, detractors):
    """So many answers."""
    return sum_of([score(1000, 9)] * promoters + [score(-1000, 2)] * detractors)


def shown(figures, place=ALL, now_ms=NOW_MS):
    """The figures of a place by name."""
    return {each.name: each for each in figures.view(place, now_ms=now_ms).figures}


def test_regions_and_hours_add_up():
    """Thirty answers of two regions and hours: NPS is that of all of them, and the spread is told."""
    figures = Figures()
    figures.take(hour({Kpi.NPS: nps(20, 0)}))
    figures.take(hour({Kpi.NPS: nps(0, 20)}, region="110000", ago=1))
    figure = shown(figures)[Kpi.NPS]
    assert (figure.standing, figure.value, figure.n, figure.spread) == (Standing.SHOWN, 0.0, 40, {"2": 20, "9": 20})
    assert figure.hours[-2:] == (-1.0, 1.0)
    assert figure.hours[:-2] == (None,) * 22


def test_what_is_too_few_has_no_value():
    """29 answers say nothing; a figure nobody measured is not nought."""
    figures = Figures()
    figures.take(hour({Kpi.NPS: nps(29, 0)}))
    found = shown(figures, "440000")
    assert (found[Kpi.NPS].standing, found[Kpi.NPS].n, found[Kpi.NPS].value) == (Standing.FEW, 29, None)
    assert found[Kpi.CSAT].standing is Standing.NONE
    assert {each.standing for each in shown(figures, "110000").values()} == {Standing.NONE}


def test_durations_have_median_and_p90_and_time_has_hours():
    """Five waits of a minute; two agents on the line for four hours together."""
    figures = Figures()
    figures.take(hour({Kpi.FIRST_RESPONSE: sum_of([duration(60_000)] * 5), Kpi.OCCUPANCY: share(HOUR_MS, 4 * HOUR_MS)}))
    found = shown(figures)
    assert found[Kpi.FIRST_RESPONSE].median == pytest.approx(60, rel=0.025)
    assert found[Kpi.FIRST_RESPONSE].p90 == found[Kpi.FIRST_RESPONSE].median
    assert (found[Kpi.OCCUPANCY].value, found[Kpi.OCCUPANCY].n) == (0.25, 4)


def test_the_highest_version_counts_and_a_day_is_enough():
    """Whatever came last; what is older is gone, and what is of a product is another's."""
    figures = Figures()
    figures.take(hour({Kpi.NPS: nps(30, 0)}, version=2))
    assert figures.take(hour({Kpi.NPS: nps(0, 30)}, version=1)) == "440000"
    assert figures.take(hour({Kpi.NPS: nps(0, 30)}, subject="product:p-1")) == ALL
    assert figures.take(hour({Kpi.NPS: nps(0, 30)}, subject=ALL)) is None  # the regions say the same
    figures.take(hour({Kpi.CSAT: share(30, 30)}, ago=24))
    assert shown(figures)[Kpi.NPS].value == 1.0
    assert shown(figures)[Kpi.CSAT].standing is Standing.NONE
    later = NOW_MS + 26 * HOUR_MS
    figures.forget(now_ms=later)
    assert figures.view(ALL, now_ms=later).until == 0


def test_touchpoints_and_products_stand_for_themselves():
    """Each with its own scores, hours and n, those with most answers first; of a single region nothing is known."""
    figures = Figures()
    figures.take(hour({Kpi.NPS: nps(10, 0)}, subject="touchpoint:app"))
    figures.take(hour({Kpi.NPS: nps(20, 0)}, subject="touchpoint:sms", ago=2))
    figures.take(hour({Kpi.NPS: nps(0, 20), Kpi.CSAT: share(3, 4)}, subject="touchpoint:sms"))
    figures.take(hour({Kpi.NPS: nps(30, 0)}, subject="product:p-1"))
    sms, app, product = figures.view(ALL, now_ms=NOW_MS).voice
    assert [(each.kind, each.name) for each in (sms, app, product)] == [
        ("touchpoint", "sms"),
        ("touchpoint", "app"),
        ("product", "p-1"),
    ]
    found = [(each.name, each.standing, each.n, each.value) for each in sms.figures]
    assert found == [(Kpi.NPS, Standing.SHOWN, 40, 0.0), (Kpi.CSAT, Standing.FEW, 4, None)]
    assert sms.figures[0].hours[-3:] == (1.0, None, -1.0)
    assert figures.view("440000", now_ms=NOW_MS).voice == ()
    figures.forget(now_ms=NOW_MS + 27 * HOUR_MS)
    assert figures.view(ALL, now_ms=NOW_MS + 27 * HOUR_MS).voice == ()


def test_more_products_than_anybody_looks_at_are_left_out():
    """Memory is bounded; regions and touchpoints are taken all the same."""
    figures = Figures()
    for number in range(PRODUCTS_MAX + 9):
        figures.take(hour({Kpi.NPS: nps(number, 0)}, subject=f"product:p-{number:03}"))
    figures.take(hour({Kpi.NPS: nps(9, 0)}, subject="touchpoint:sms"))
    figures.take(hour({Kpi.NPS: nps(30, 0)}))
    view = figures.view(ALL, now_ms=NOW_MS)
    assert [each.name for each in view.voice][:2] == ["sms", f"p-{PRODUCTS_MAX - 1:03}"]
    assert len(view.voice) < 20
    assert shown(figures)[Kpi.NPS].n == 30


def test_topics_of_comments():
    """What answers name most comes first, with how they feel about it."""
    figures = Figures()
    topics = {"topic.refund": sum_of([score(-1000, -1)] * 3), "topic.attitude": score(1000, 1)}
    figures.take(hour(topics))
    topics = figures.view(ALL, now_ms=NOW_MS).topics
    assert [(each.reason, each.n, each.feeling) for each in topics] == [("refund", 3, -1.0), ("attitude", 1, 1.0)]


async def test_the_page_shows_figures_in_both_languages():
    """With n; grey where it is too few or nothing; no complaint of the browser."""
    now_ms = wall_ms()
    async with served() as board:
        beat = asyncio.create_task(board.live.run())
        async with chromium() as browser, tab(browser, str(board.client.make_url("/"))) as desk:
            await desk.until("document.querySelector('[data-figure=nps]')?.textContent.includes('无记录')")
            board.model.take(hour({Kpi.NPS: nps(30, 10), Kpi.CSAT: share(3, 4)}, now_ms=now_ms))
            await desk.until("document.querySelector('[data-figure=nps]').textContent.includes('+50')")
            assert "n = 40" in await desk.text("[data-figure=nps]")
            assert "样本太少" in await desk.text("[data-figure=csat]")
            assert "无记录" in await desk.text("[data-figure=occupancy]")
            assert await desk.violations() == []
            await desk.page.click("#language")
            await desk.until("document.querySelector('#figures-title').textContent.includes('Figures')")
            assert "n too small" in await desk.text("[data-figure=csat]")
            await desk.page.select_option("#region", "110000")
            await desk.until("document.querySelector('[data-figure=nps]').textContent.includes('nothing recorded')")
            assert desk.errors == []
            assert desk.strangers == []
        beat.cancel()
