"""The board as people have it: real Kafka, worker and board as processes, the page in a real Chromium."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

from agents.broker.config import free_ports
from agents.engine.crash import ExitCode
from agents.engine.transactions import partition_of
from agents.settings import Settings
from agents.topics import ensure_topics
from tests.support.browser import PHONE, WALL, chromium, tab
from tests.support.cluster import ROOT, Cluster, wait_until
from tests.support.disruptions import WORKER
from tests.support.topics import Sent, read_topics, write_records

SAID = "你们太过分了，我要投诉，再不退款我就打12315，我电话13800138000"


@contextmanager
def board(variables, log):
    """The board's process, ended politely."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", "agents.cli", "board"], cwd=ROOT, env=variables, stdout=output, stderr=output
        )
    try:
        yield
    finally:
        started.send_signal(signal.SIGTERM)
        assert started.wait(60) == 0, log.read_text(encoding="utf-8")[-2000:]


def answers(url):
    """Whether a URL answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status == 200
    except (OSError, ValueError):  # not even a URL yet
        return False


def utterance(number, text, region="440000"):
    """One thing that a customer says now."""
    now_ms = time.time_ns() // 1_000_000
    key = f"board-{number}".encode()
    body = {
        "schema": "call.utterance/1",
        "event_id": f"board-{number}-1",
        "source": "test",
        "occurred_at": now_ms,
        "conversation_id": key.decode(),
        "utterance_id": "u1",
        "revision": 0,
        "is_final": True,
        "role": "customer",
        "text": text,
        "start_ms": 0,
        "end_ms": 900,
        "region": region,
    }
    return Sent("calls.utterances", partition_of(key, 4), key, json.dumps(body).encode(), now_ms)


async def test_a_day_at_the_board(start_broker, tmp_path):
    """An alert appears, is found by filters and keys, judged, and the page says when it can no longer be believed."""
    broker = start_broker()
    (board_port,) = free_ports(1)
    url = f"http://127.0.0.1:{board_port}"
    variables = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")} | {
        "TOCSIN_BROKER": broker.bootstrap,
        "TOCSIN_BOARD__PORT": str(board_port),
    }
    await ensure_topics(Settings(broker=(broker.bootstrap,)))
    log = tmp_path / "board.log"
    async with chromium() as browser:
        # Started again when it ends, as anywhere: an open transaction may not outlast the broker that goes away below.
        with Cluster(tmp_path, variables, command=WORKER) as cluster:
            cluster.scale(1)
            (worker,) = cluster.running()
            with board(variables, log):
                wait_until(lambda: answers(f"{worker.told('ops_listens')}/readyz"), what="a worker")
                wait_until(lambda: answers(f"{url}/readyz"), what="a board that can be believed")
                async with tab(browser, url) as desk:
                    await it_appears(desk, broker)
                    await it_is_found(desk)
                    await it_is_judged(desk, broker)
                    await it_is_acknowledged(desk)
                    await it_comes_at_once(desk, broker)
                    await it_fits_every_screen(browser, url, tmp_path)
                    assert desk.errors == []
                    assert desk.strangers == []
            # the board process has ended: the page must say so by itself, and come back by itself
            async with tab(browser, "about:blank") as desk:
                await it_says_that_it_is_stale(desk, url, broker, lambda: board(variables, log), start_broker)
            assert set(cluster.exits) <= {ExitCode.FENCED, ExitCode.UNFORESEEN}, cluster.logs()


async def it_appears(desk, broker):
    """Within a moment of being said, with its words marked and the number masked; its region's tile counts it."""
    await desk.until("document.querySelector('#trust').dataset.trust === 'live'")
    await desk.until("document.querySelectorAll('.tile[data-grey]').length === 35")
    await write_records(broker.bootstrap, [utterance(0, "你好，查一下订单"), utterance(1, SAID)])
    started_at = time.monotonic()
    await desk.until("document.querySelector('#alert-list mark') !== null")
    print(f"said to seen: {time.monotonic() - started_at:.2f} s")
    words = await desk.text("#alert-list")
    assert "13800138000" not in words
    assert "[手机]" in words
    assert "高危投诉" in words
    await desk.until("document.querySelector('[data-region=\"440000\"] b').textContent === '1'")
    await desk.until("document.querySelectorAll('.tile[data-grey]').length === 34")
    assert await desk.text("[data-region='110000'] b") == "—"


async def it_is_found(desk):
    """Filters by mouse and key stand in the URL; what they leave out is not shown; both languages."""
    await desk.page.keyboard.press("1")
    await desk.until("document.querySelectorAll('#alert-list .row').length === 0")
    await desk.until("location.search.includes('level=potential')")
    await desk.page.reload()
    await desk.until("document.querySelectorAll('#alert-list .empty').length === 1")
    await desk.page.keyboard.press("Escape")
    await desk.until("document.querySelectorAll('#alert-list .row').length === 1")
    await desk.page.select_option("#region", "110000")
    await desk.until("document.querySelectorAll('#alert-list .row').length === 0")
    await desk.page.click("[data-region='440000']")
    await desk.until("document.querySelectorAll('#alert-list .row').length === 1")
    await desk.until("location.search.includes('region=440000')")
    await desk.page.keyboard.press("ArrowDown")
    await desk.until("document.activeElement.dataset.region === '820000'")
    await desk.page.keyboard.press("l")
    await desk.until("document.querySelector('#alert-list').textContent.includes('High risk')")
    await desk.until("document.documentElement.lang === 'en'")
    await desk.page.keyboard.press("l")


async def it_is_judged(desk, broker):
    """By keyboard alone: the verdict of whoever sits here is on the topic, under the alert's region."""
    await desk.page.keyboard.press("j")
    await desk.page.keyboard.press("Enter")
    await desk.page.locator("[data-act='false_alarm']").press("Enter")
    await desk.until("document.querySelector('.acts [role=status]').textContent.startsWith('✓')")
    found = await read_topics(broker.bootstrap, ["alerts.actions"])
    (record,) = [record for records in found.values() for record in records]
    body = json.loads(record.value)
    assert record.key == b"440000"
    assert {name: body[name] for name in ("action", "verdict", "actor", "source")} == {
        "action": "verdict",
        "verdict": "false_alarm",
        "actor": "local",
        "source": "board",
    }


async def it_is_acknowledged(desk):
    """The button writes an action, the incidents stage takes it, and the page shows what it came to."""
    await desk.until("document.querySelector('#incident-list').textContent.includes('待确认')")
    await desk.page.click("#incident-list [data-act='ack']")
    await desk.until("document.querySelector('#incident-list').textContent.includes('已确认')")
    await desk.until("document.querySelector('#incident-list').textContent.includes('local')")


async def it_comes_at_once(desk, broker):
    """Within a second of being said. Others use this machine meanwhile, so one of ten tries must; the bench has all."""
    delays = []
    for number in range(2, 12):
        started_at = time.monotonic()
        await write_records(broker.bootstrap, [utterance(number, SAID)])
        await desk.until(f"document.querySelectorAll('#alert-list .row').length === {number}")
        delays.append(time.monotonic() - started_at)
        if delays[-1] <= 1:
            break
    print(f"said to seen: {[round(delay, 2) for delay in delays]} s")
    assert min(delays) <= 1


async def it_fits_every_screen(browser, url, folder):
    """Phone and wall, light and dark: nothing for axe-core to complain of, nothing wider than the screen."""
    for name, size, query in (("phone", PHONE, "?lang=en"), ("wall", WALL, "?wall=1")):
        for scheme in ("light", "dark"):
            async with tab(browser, url + query, size=size, scheme=scheme) as screen:
                await screen.until("document.querySelector('#alert-list mark') !== null")
                await screen.page.screenshot(path=folder / f"{name}-{scheme}.png")
                await screen.page.click("#alert-list .row")
                assert await screen.violations() == [], (name, scheme)
                width = await screen.page.evaluate("document.documentElement.scrollWidth")
                assert width <= size[0], (name, width)
                assert screen.errors == []
                if name == "wall":
                    assert await screen.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 24


async def it_says_that_it_is_stale(desk, url, broker, start_board, start_broker):
    """Board gone, broker gone: a banner and grey tiles each time; it comes back without anybody touching it."""
    with start_board():
        wait_until(lambda: answers(f"{url}/readyz"), what="a board that has read the log again")
        await desk.page.goto(url)
        await desk.until("document.querySelector('#alert-list mark') !== null")
        broker.stop()
        await desk.until("document.querySelector('#trust').dataset.trust === 'broker_away'")
        await desk.page.wait_for_selector("#stale", state="visible")
        await desk.until("document.querySelectorAll('.tile[data-grey]').length === 35")
        await asyncio.to_thread(start_broker)
        await desk.until("document.querySelector('#trust').dataset.trust === 'live'")
        await desk.page.wait_for_selector("#stale", state="hidden")
    await desk.until("document.querySelector('#trust').dataset.trust === 'offline'")
    await desk.page.wait_for_selector("#stale", state="visible")
    with start_board():
        await desk.until("document.querySelector('#trust').dataset.trust === 'live'")
        await desk.until("document.querySelectorAll('#alert-list .row').length > 0")
