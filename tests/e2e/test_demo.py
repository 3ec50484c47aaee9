"""The demo as a newcomer runs it, with a real Prometheus and its people beside it: what it says, and every panel."""

import asyncio
import re
import time
from pathlib import Path

import pytest

from agents.packs import publish
from agents.settings import Settings
from schemas.rules import Slot
from tests.support.counts import everybody_counts_the_same
from tests.support.demo import running_demo
from tests.support.packs import files_with, push
from tests.support.people import People
from tests.support.prometheus import Prometheus, eventually, prometheus
from tests.support.promql import panel_expressions

pytestmark = pytest.mark.e2e

DAY_SECONDS = 20
RISES_MIN = 60
# What has nothing to show in good health. Instead of it, the series behind it are asked for.
IN_GOOD_HEALTH = {
    # The console takes every card: no attempt fails.
    "on-call: 失败原因 · Why attempts failed: A": "tocsin_delivery_failures_total",
    # Partitions are taken over as the worker starts, in a moment, before anybody scrapes.
    "pipeline: 停滞与恢复 · Standstill and recovery: B": "tocsin_partition_recovering_seconds",
    "pipeline: 接管 · Take-overs: A": "tocsin_recovery_seconds_bucket",
    "pipeline: 接管 · Take-overs: B": "tocsin_recovered_rows_total",
    # Of the platform's alerts only the dead man's switch fires.
    "pipeline: 平台告警 · Platform alerts: A": 'ALERTS{plane="platform"}',
}
# Of these not even a series; but Prometheus was told of the metric. The console has no pace, so no budget.
NO_SERIES = {"on-call: 可发 · Budget: A": "tocsin_channel_budget_remaining"}


async def test_the_day_is_judged_and_every_panel_shows_it(tmp_path: Path) -> None:
    """Every conversation reaches its level live; every query of every panel finds what the demo's processes expose.

    Nobody's panel stays empty, windows, page and Prometheus count the same, and Ctrl-C leaves nothing behind.
    """
    async with running_demo(tmp_path, seconds=DAY_SECONDS) as demo:
        (bootstrap,) = await demo.says(r"^ +(127\.0\.0\.1:\d+)$")
        settings = Settings(broker=(bootstrap,), application_id="tocsin-demo")
        await demo.says("topics are there")
        shadow = push(files_with("你们"), Slot.SHADOW, at_ms=time.time_ns() // 1_000_000)
        await publish(settings, [shadow], partitions=settings.partitions)
        people = People(settings, tmp_path)
        with people.beside():
            page, worker, deliver = await demo.says(r"board +(\S+) +.*metrics +(\S+)/metrics +(\S+)/metrics")
            demo.pause()  # the first record comes when everybody is looked at
            targets = {"tocsin": [worker], "tocsin-deliver": [deliver], **people.metrics}
            with prometheus(tmp_path, targets=targets) as server:
                since = time.time()
                await people.are_there()
                await asyncio.to_thread(everybody_is_scraped, server, len(targets))
                demo.go_on()
                async with people.desktop():
                    await people.call_in()
                    await people.answer()
                    await people.review()
                    await demo.says("Ctrl-C")
                await asyncio.to_thread(every_panel_shows_something, server, since)
                rises = await asyncio.to_thread(everybody_counts_the_same, bootstrap, "", page=page, server=server)
        assert await demo.interrupted() == 130
    assert rises > RISES_MIN
    it_says_what_the_script_says(demo.said)
    assert not list((tmp_path / "tocsin").glob("demo-*"))


def everybody_is_scraped(server: Prometheus, count: int) -> None:
    """Wait until Prometheus has heard of everybody: what grows from then on it sees grow."""
    eventually("everybody is scraped", lambda: len(server.query("up == 1")) == count)


def every_panel_shows_something(server: Prometheus, since: float) -> None:
    """Ask each query as Grafana would until it has data."""
    asked = {each.place: each for each in panel_expressions()}
    for place, metric in NO_SERIES.items():
        assert metric in asked.pop(place).text
        assert server.ask("metadata", metric=metric)
    empty = [each._replace(text=IN_GOOD_HEALTH.get(place, each.text)) for place, each in asked.items()]
    assert IN_GOOD_HEALTH.keys() <= asked.keys()

    def nothing_is_empty() -> bool:
        empty[:] = [each for each in empty if not server.shows(each, since=since)]
        return not empty

    try:
        eventually("every panel shows something", nothing_is_empty)
    except pytest.fail.Exception:
        pytest.fail("empty: " + "\n".join(f"{each.place}: {each.text}" for each in empty))


def it_says_what_the_script_says(said: str) -> None:
    """Levels, tickets, promises, answers; the dead letters, and no personal number on the screen."""
    assert "死信 dead letters 3" in said  # the day's own, what a ticket system posted, and what a call system wrote
    assert "与预期一致 as expected 206，" in said
    assert "没有处理完" not in said
    assert "先顾人" in said
    assert "通知卡片 a card, sent in" in said
    assert re.search(r"cards delivered [1-9]", said)
    (tickets,) = [line for line in said.splitlines() if line.startswith("工单 tickets")]
    assert re.search(r"warnings [1-9].*breaches [1-9].*house rules [1-9]", tickets), tickets
    # Where the worker lags, one ticket is with the task force before its call is judged.
    assert re.search(r"commands: 转派 [12]、.*告知客户 1", tickets), tickets
    (promises,) = [line for line in said.splitlines() if line.startswith("承诺 promises")]
    assert re.search(r"promises [23]\d: 已兑现 kept 1，未兑现 broken 1，", promises), promises
    assert "NPS +38% (n 34)" in said
    for secret in ("13800138000", "11010519491231002X", "demo.user@example.com"):
        assert secret not in said
    assert "\x1b" not in said
