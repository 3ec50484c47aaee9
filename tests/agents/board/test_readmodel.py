"""The picture: what goes in once, newest first, what is let go, and that the order of partitions does not matter."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.board.query import AlertQuery, ClockQuery, IncidentQuery
from agents.board.readmodel import KEPT_MS, ReadModel
from schemas.incidents import IncidentState
from schemas.sla_clocks import ClockState
from schemas.topics import INCIDENTS, SLA_CLOCKS
from schemas.vocabulary import AlertKind, Level, ReasonGroup
from tests.support.alerts import ATTITUDE, HOUR_START_MS, MINUTE, alert
from tests.support.boards import clock, incident, ticket, window

NOW_MS = HOUR_START_MS + 10 * MINUTE


def filled(*values, alerts_max=20_000):
    """A model that has taken some values."""
    model = ReadModel(alerts_max=alerts_max)
    for value in values:
        model.take(value)
    return model


def shown(model, **query):
    """Ids of the alerts of a query."""
    return [each.id for each in model.alerts(AlertQuery(**query)).items]


def test_alerts_are_shown_newest_first_and_once():
    """A repeat after a crash is the same alert."""
    first, second = alert(1, MINUTE), alert(2, 2 * MINUTE)
    model = filled(second, first, second)
    assert shown(model) == [second.alert_id, first.alert_id]
    assert [each.id for each in model.drain().alerts] == [second.alert_id, first.alert_id]
    assert not model.drain().alerts


def test_an_alert_about_a_figure_says_which_and_what_it_is():
    """Of how many, and what it was before; nought is a value, and an alert about words has none."""
    tags = ("resolved", "kpi:complaint_rate_b", "region:440000")
    model = filled(
        alert(1, 1, kind=AlertKind.RATE, tags=tags, value=0.0, baseline=0.02, count=100), alert(2, tags=("opened",))
    )
    rate, said = model.alerts(AlertQuery()).items
    assert (rate.figure, rate.value, rate.baseline, rate.count) == ("complaint_rate_b", 0.0, 0.02, 100)
    assert msgspec.to_builtins(rate)["value"] == 0.0
    assert (said.figure, said.value) == ("", None)


@pytest.mark.parametrize("before", ["", f"{NOW_MS}:x"])
def test_a_page_of_nothing_has_no_next(before):
    """Asked for none of many, it says how many there are."""
    page = filled(alert(1), alert(2)).alerts(AlertQuery(limit=0, before=before))
    assert (page.items, page.total, page.next) == ([], 2, "")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        pytest.param({}, [4, 3, 2, 1], id="everything"),
        pytest.param({"levels": frozenset({Level.HIGH_RISK})}, [3], id="a level"),
        pytest.param({"levels": frozenset({Level.HIGH_RISK, Level.EXPLICIT})}, [4, 3, 1], id="two levels"),
        pytest.param({"region": "110000"}, [2], id="a region"),
        pytest.param({"region": "unknown"}, [4], id="what is no province is unknown"),
        pytest.param({"reason": ReasonGroup.SERVICE}, [3], id="a reason"),
        pytest.param({"limit": 2}, [4, 3], id="a page"),
        pytest.param({"region": "310000"}, [], id="nothing"),
    ],
)
def test_a_query_narrows(query, numbers):
    """Each condition holds by itself."""
    alerts = [
        alert(1),
        alert(2, 1, level=Level.POTENTIAL, region="110000"),
        alert(3, 2, level=Level.HIGH_RISK, reasons=(ATTITUDE,)),
        alert(4, 3, region="nowhere"),
    ]
    assert shown(filled(*alerts), **query) == [alerts[number - 1].alert_id for number in numbers]


def test_pages_follow_each_other_without_gap_or_repeat():
    """Ten thousand alerts, some of them at the same moment, page by page, while new ones come in."""
    model = filled(*(alert(number, number // 3) for number in range(10_000)))
    found, before = [], ""
    while True:
        page = model.alerts(AlertQuery(before=before, limit=500))
        found += [each.id for each in page.items]
        before = page.next
        if not before:
            break
        model.take(alert(20_000 + len(found), 99_999_999))
    assert len(found) == len(set(found)) == 10_000


@given(st.permutations([alert(n, n * MINUTE) for n in range(4)] + [incident(n, n) for n in range(2)] + [ticket(1)]))
def test_the_order_of_reading_makes_no_difference(values):
    """Partitions are read as they come."""
    model, other = filled(*values), filled(*sorted(values, key=repr))
    assert shown(model) == shown(other)
    assert model.incidents(IncidentQuery()) == other.incidents(IncidentQuery())
    assert model.clocks(ClockQuery()) == other.clocks(ClockQuery())


@given(st.permutations([incident(1), incident(1, 5, state=IncidentState.ACKED, acked_by="a"), incident(1, 3)]))
def test_the_newest_snapshot_of_an_incident_counts(snapshots):
    """Also where an older one is read later."""
    (found,) = filled(*snapshots).incidents(IncidentQuery()).items
    assert (found.state, found.acked_by) == (IncidentState.ACKED, "a")


def test_incidents_are_ordered_by_what_needs_somebody():
    """Open before acknowledged, grave before light, new before old; what is over is not shown unless asked for."""
    model = filled(
        incident(1),
        incident(2, 5),
        incident(3, level=Level.HIGH_RISK),
        incident(4, 9, state=IncidentState.ACKED, level=Level.HIGH_RISK),
        incident(5, state=IncidentState.CLOSED),
    )
    assert [each.id for each in model.incidents(IncidentQuery()).items] == ["i3", "i2", "i1", "i4"]
    assert [each.id for each in model.incidents(IncidentQuery(states=frozenset({IncidentState.CLOSED}))).items] == [
        "i5"
    ]


def test_clocks_are_ordered_by_when_they_are_due():
    """The next deadline comes first, one that stands still last; a clock that stopped is no deadline."""
    model = filled(
        ticket(1, clock(30 * MINUTE)), ticket(2, clock(-MINUTE), clock(None)), ticket(3, clock(state=ClockState.HIT))
    )
    assert [each.ticket_id for each in model.clocks(ClockQuery()).items] == ["t2", "t1", "t2"]


@given(st.permutations([ticket(1), ticket(1, clock(state=ClockState.HIT), version=3), ticket(1, clock(1), version=2)]))
def test_the_newest_snapshot_of_a_ticket_counts(snapshots):
    """All its clocks change together."""
    model = filled(*snapshots)
    assert model.clocks(ClockQuery()).total == 0
    assert model.clocks(ClockQuery(states=frozenset({ClockState.HIT}))).total == 1


def test_a_tombstone_takes_away():
    """An incident, and every clock of a ticket; pages are told."""
    model = filled(incident(1), ticket(1, clock(), clock(None)), ticket(2))
    model.remove(INCIDENTS, "i1")
    model.remove(SLA_CLOCKS, "t1")
    model.remove(INCIDENTS, "never seen")
    assert model.incidents(IncidentQuery()).total == 0
    assert [each.ticket_id for each in model.clocks(ClockQuery()).items] == ["t2"]
    changes = model.drain()
    assert (changes.gone, changes.clocks["t1"]) == (["i1"], ())


def test_what_is_a_day_old_and_over_is_let_go():
    """An open incident and a running clock stay, however old."""
    model = filled(
        alert(1),
        alert(2, 2),
        incident(1),
        incident(2, state=IncidentState.CLOSED),
        ticket(1),
        ticket(2, clock(state=ClockState.HIT)),
    )
    model.forget(now_ms=HOUR_START_MS + KEPT_MS + 1)
    assert shown(model) == [alert(2).alert_id]
    states = frozenset(IncidentState)
    assert [each.id for each in model.incidents(IncidentQuery(states=states)).items] == ["i1"]
    assert [each.ticket_id for each in model.clocks(ClockQuery(states=frozenset(ClockState))).items] == ["t1"]


def test_memory_is_bounded():
    """The oldest alerts go when there are too many; they may come back only as new ones."""
    model = filled(*(alert(number, number) for number in range(250)), alerts_max=100)
    assert 100 <= model.alerts(AlertQuery()).total <= 110
    assert shown(model, limit=1) == [alert(249).alert_id]


def test_a_window_changes_its_tile():
    """Told once; every region has a tile, also one of which nothing was heard."""
    model = filled(window(HOUR_START_MS))
    assert model.drain().regions == {"440000"}
    tiles = {tile.region: tile for tile in model.tiles(now_ms=NOW_MS)}
    assert len(tiles) == 35
    assert tiles["440000"].spans["15m"].alerts == {Level.EXPLICIT: 2}
    assert (tiles["110000"].spans, tiles["110000"].newest_at) == ({}, None)
