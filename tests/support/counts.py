"""How many conversations rose to which level in which region: by alerts, windows, the page, and Prometheus."""

import asyncio
import json
import urllib.request
from collections import Counter
from collections.abc import Iterable
from typing import Any

from schemas import codec
from schemas.alerts import Alert
from schemas.topics import ALERTS, WINDOWS, Topic
from schemas.vocabulary import RISES
from schemas.windows import RegionUsual, RegionWindow
from tests.support.cluster import wait_until
from tests.support.prometheus import Prometheus
from tests.support.topics import read_topics

Counts = Counter[tuple[str, str]]  # by region and level
_MINUTE_S = 60


def everybody_counts_the_same(bootstrap: str, prefix: str, *, page: str, server: Prometheus) -> int:
    """Until windows, alerts, a board at the address `page` and a Prometheus that scrapes every worker agree.

    How many rises they agree on.
    """
    told: dict[str, Counts] = {}

    def agree() -> bool:
        told["regions.windows"] = _by_the_windows(_published(bootstrap, prefix, WINDOWS))
        told["alerts"] = _by_the_alerts(_published(bootstrap, prefix, ALERTS))
        told["page"] = _on_the_page(page)
        told["Prometheus"] = _scraped(server)
        return all(each == told["alerts"] for each in told.values())

    try:
        wait_until(agree, what="everybody counts the same")
    except AssertionError as error:
        known = told["alerts"]
        differences = {name: (each - known, known - each) for name, each in told.items() if each != known}
        raise AssertionError(f"{error}; more and less than alerts say: {differences}") from None
    return told["alerts"].total()


def _by_the_alerts(alerts: Iterable[Alert]) -> Counts:
    return Counter((each.region, str(each.level)) for each in alerts if each.kind in RISES and _has_risen(each))


def _has_risen(alert: Alert) -> bool:
    """Who threatens anew, or in other words, has another alert and has not risen."""
    return alert.level != alert.previous_level


def _by_the_windows(windows: Iterable[RegionWindow | RegionUsual]) -> Counts:
    """The newest version of each minute of each region and channel."""
    newest: dict[tuple[str, str, int], RegionWindow] = {}
    for each in windows:
        if isinstance(each, RegionWindow) and each.window_s == _MINUTE_S:
            key = (each.region, str(each.channel), each.window_start)
            if key not in newest or newest[key].version < each.version:
                newest[key] = each
    return sum(
        (Counter({(each.region, str(level)): n for level, n in each.alerts.items()}) for each in newest.values()),
        Counter(),
    )


def _on_the_page(url: str) -> Counts:
    """What the tiles of the last day say."""
    with urllib.request.urlopen(f"{url}/api/regions", timeout=30) as answer:
        tiles = json.load(answer)
    return Counter(
        {
            (tile["region"], level): n
            for tile in tiles
            for level, n in tile.get("spans", {}).get("24h", {}).get("alerts", {}).items()
        }
    )


def _scraped(server: Prometheus) -> Counts:
    found = server.query("sum by (region, level) (tocsin_alerts_last_day) > 0")
    return Counter({(each["metric"]["region"], each["metric"]["level"]): int(each["value"][1]) for each in found})


def _published(bootstrap: str, prefix: str, topic: Topic) -> list[Any]:
    """Every event of a topic."""
    found = asyncio.run(read_topics(bootstrap, [prefix + topic.name]))
    return [
        event
        for (_, partition), records in found.items()
        for event in codec.decode_batch(topic, records, partition).events
    ]
