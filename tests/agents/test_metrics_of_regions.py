"""The gauge of the last day: what the tiles of the board show, from the rows instead of from what was published."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from agents.board.heat import Heat, Sum
from agents.metrics.regions import RegionCollector
from pipeline.places.provinces import REGIONS
from pipeline.regions.state import RegionRow, Window, window_at
from pipeline.rows import Store
from schemas.vocabulary import ChannelClass, Level
from schemas.windows import RegionWindow
from tests.support.alerts import HOUR, HOUR_START_MS, MINUTE, alert, run, tick

NAME = "tocsin_alerts_last_day"
RAISED = (Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK)


def shown(partitions, now_ms):
    """The samples above zero, by region and level."""
    registry = CollectorRegistry()
    registry.register(RegionCollector(lambda: partitions, now_ms=lambda: now_ms))
    [family] = registry.collect()
    return {(each.labels["region"], each.labels["level"]): each.value for each in family.samples if each.value}


def recovered(rows):
    """The rows as a worker has them that has just started."""
    store = Store(RegionRow)
    store.load(rows.items())
    store.loaded(now_ms=0)
    return store.frozen()


heard = st.lists(
    st.tuples(st.integers(0, 30 * 60), st.sampled_from(["110000", "440000"]), st.sampled_from(RAISED)), max_size=20
)


@given(heard=heard, late=st.integers(0, 3 * 60), now=st.integers(0, 30 * 60))
def test_gauge_and_tiles_are_the_same_number(heard, late, now):
    """Over 30 hours, in order and late, wherever in an hour somebody looks."""
    heard = [(minute, *rest) for minute, *rest in heard if minute <= now]
    events = []
    for number, (minute, region, level) in enumerate(sorted(heard)):
        events += [tick(minute * MINUTE), alert(number, max(0, minute - late) * MINUTE, region=region, level=level)]
    windows, rows = run([*events, tick(now * MINUTE)])
    now_ms, heat = HOUR_START_MS + now * MINUTE, Heat()
    for window in windows:
        if isinstance(window, RegionWindow):
            heat.take(window)
    heat.forget(now_ms=now_ms)
    tiles = [heat.tile(region, now_ms=now_ms) for region in REGIONS]
    board = {(each.region, level): n for each in tiles for level, n in each.spans.get("24h", Sum()).alerts.items()}
    assert shown([recovered(rows)], now_ms) == board


def test_partitions_are_summed_up():
    """What every region had in every partition that the worker owns."""
    which = window_at("440000", ChannelClass.VOICE, HOUR, HOUR_START_MS - HOUR)
    one, other = ({which.key: RegionRow(window=Window(alerts={Level.EXPLICIT: n}))} for n in (2, 3))
    assert shown([one.get, other.get], HOUR_START_MS) == {("440000", "explicit"): 5}


def test_zero_is_known_and_no_partition_is_not():
    """A calm region has a series; a worker that owns nothing has none. Registering asks nobody."""
    registry, partitions = CollectorRegistry(), [{}.get]
    registry.register(RegionCollector(lambda: partitions, now_ms=lambda: HOUR_START_MS))
    found = [registry.get_sample_value(NAME, {"region": r, "level": n}) for r, n in product(REGIONS, RAISED)]
    assert set(found) == {0}
    partitions.clear()
    assert registry.get_sample_value(NAME, {"region": "440000", "level": "explicit"}) is None
