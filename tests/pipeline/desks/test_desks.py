"""What many tickets show together, as the engine runs it: hot topics of an hour, and hours that nobody staffs."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.stages.tickets import desks_stage, tickets_stage
from pipeline.desks.fold import LATENESS_MS
from pipeline.desks.state import MAX_TOPICS, SLOT_MS
from pipeline.places.resolve import NO_TABLES
from pipeline.rows import encode_row
from pipeline.runner import Incoming, Runner
from pipeline.sla.load import SlaError
from pipeline.times import HOUR_MS
from schemas import codec
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.desks import DeskTopics, DeskWait, HotTickets
from schemas.ticks import Tick
from schemas.topics import DESK, TICKETS, TICKS
from tests.support.tickets import HOUR, MINUTE, OFFICE, STANDARD, at, comment_event, pack_of, ticket_event

HOUSE = "house_rules: {staffed: office, answered_within_minutes: 30}\n"
PACK = pack_of(STANDARD + HOUSE)
DESKS = desks_stage(PACK.house.staffing)
STAGES = [tickets_stage(PACK, NO_TABLES), DESKS]
MONDAY = at("2026-03-02 09:00")
DAY = 24 * HOUR


def run(events, *, most=1_000, stages=STAGES):
    """What comes of ticket events, of what a desk is told, and of ticks; and the rows of the desks in the end."""
    runner = Runner(stages, partition_of=lambda key: 0)
    incoming = []
    for number, event in enumerate(events):
        if isinstance(event, int):
            record = Record(number, event, b"0", codec.encode(Tick(now_ms=event, reason="timer")))
            incoming.append(Incoming(TICKS, 0, record))
        elif isinstance(event, DeskTopics | DeskWait):
            record = Record(number, event.emitted_at, event.desk.encode(), codec.encode(event))
            incoming.append(Incoming(DESK, 0, record))
        else:
            record = Record(number, event.occurred_at, event.ticket_id.encode(), codec.encode(event))
            incoming.append(Incoming(TICKETS, 0, record))
    values = [output.value for output in runner.feed(incoming, most=most)]
    return values, {key: encode_row(row) for (_, key), row in runner.rows(DESKS).items()}


def of(kind, values):
    """The records of one kind."""
    return [value for value in values if isinstance(value, kind)]


def opened(at_ms, *topics, ticket, customer=""):
    """A ticket tells its desk that it was opened."""
    return DeskTopics(
        desk="default",
        ticket_id=ticket,
        is_opened=True,
        topics=topics,
        customer=customer or ticket,
        occurred_at=at_ms,
        cause_id=ticket,
        emitted_at=at_ms,
    )


def week(count=20, topic="category:exchange"):
    """Seven days with so many tickets between nine and ten; one in ten is about a topic."""
    for day in range(7, 0, -1):
        for number in range(count):
            about = (topic,) if number % 10 == 0 else ("category:other",)
            yield opened(MONDAY - day * DAY + number * MINUTE, *about, ticket=f"d{day}-{number}")


def rush(count, topic="category:exchange", customers=100):
    """So many tickets about a topic within half an hour of Monday, and a few others."""
    for number in range(count):
        who = f"k{number % customers}"
        yield opened(MONDAY + number * MINUTE, topic, ticket=f"r{number}", customer=who)
    for number in range(10):
        yield opened(MONDAY + 30 * MINUTE + number, "category:other", ticket=f"o{number}")


def ticks(first_ms, last_ms, step_ms=MINUTE):
    """A clock that runs."""
    return list(range(first_ms, last_ms + 1, step_ms))


TODAY = ticks(MONDAY - 8 * MINUTE, MONDAY - MINUTE)
END = MONDAY + HOUR + LATENESS_MS


def test_a_topic_that_rises_is_hot():
    """A tenth of the tickets was about it at this hour, and now it is a third and more."""
    values, _ = run([*week(), *TODAY, *rush(8), *ticks(MONDAY + 31 * MINUTE, END)])
    windows = of(HotTickets, values)
    last = windows[-1]
    (hot,) = last.topics
    assert (hot.topic, hot.tickets, hot.customers) == ("category:exchange", 8, 8)
    assert (last.window_start, last.window_s, last.tickets) == (MONDAY, 3600, 18)
    assert hot.usual_share == pytest.approx(0.1)
    assert hot.rise == pytest.approx(8 / 18 / (0.1 + 1 / 141), abs=0.01)
    assert [each.topics[0].is_new for each in windows] == [True] + [False] * (len(windows) - 1)


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([*week(), *TODAY, *rush(4)], id="four tickets"),
        pytest.param([*week(), *TODAY, *rush(8, customers=2)], id="two customers"),
        pytest.param([*week(2), *TODAY, *rush(8)], id="a desk that is still learning"),
        pytest.param([*week(topic="category:other"), *TODAY, *rush(8, "category:other")], id="what it always is about"),
        pytest.param([*week(), *TODAY], id="silence"),
    ],
)
def test_what_is_not_hot(events):
    """Few, one customer's, little known, usual, or nothing at all."""
    values, _ = run([*events, *ticks(MONDAY + 31 * MINUTE, END)])
    assert of(HotTickets, values) == []


def test_a_topic_that_nobody_knew_is_hot_after_five_tickets():
    """It has no usual share; that does not make it infinitely hot."""
    values, _ = run([*week(), *TODAY, *rush(5, "product:sku-new"), *ticks(MONDAY + 31 * MINUTE, END)])
    (hot,) = of(HotTickets, values)[-1].topics
    assert (hot.topic, hot.usual_share) == ("product:sku-new", 0)


def test_what_has_cooled_down_is_said_once():
    """A last record without topics; then silence, and the desk sleeps."""
    late = ticks(MONDAY + 31 * MINUTE, MONDAY + 4 * HOUR)
    values, rows = run([*week(), *TODAY, *rush(8), *late])
    windows = of(HotTickets, values)
    assert windows[-1].topics == ()
    assert [bool(each.topics) for each in windows] == [True] * (len(windows) - 1) + [False]
    assert b'"wake_at_ms"' not in rows[b"default"]


def test_a_late_ticket_counts_in_its_own_hour():
    """Event time alone counts: what arrives an hour later belongs to the hour in which it happened."""
    late = [
        DeskTopics(**{name: getattr(each, name) for name in each.__struct_fields__} | {"emitted_at": MONDAY + 2 * HOUR})
        for each in rush(8)
    ]
    in_time, _ = run([*week(), *rush(8)])
    _, rows = run([*week(), *rush(8)])
    _, rows_late = run([*week(), *late])
    assert in_time == []
    key = b"default\xfftopic:category:exchange"
    assert rows[key] == rows_late[key]


def test_memory_is_bounded():
    """A thousand topics of a desk; the one that was seen longest ago goes, and its counts with it."""
    many = [
        opened(MONDAY + number * SLOT_MS, f"tag:t{number}", ticket=f"t{number}") for number in range(MAX_TOPICS + 5)
    ]
    _, rows = run(many)
    assert len(rows) == MAX_TOPICS + 3  # the desk, its index, all tickets
    assert b"default\xfftopic:tag:t4" not in rows
    assert b"default\xfftopic:tag:t5" in rows


def test_a_ticket_tells_each_topic_once():
    """Its category and product when it is opened, a tag when it comes; what goes and comes again is no news."""
    events = [
        ticket_event(MONDAY, "created", status="new", category="exchange", product="sku-1", requester_key="k1"),
        ticket_event(MONDAY + 1, tags=("vip",)),
        ticket_event(MONDAY + 2, tags=()),
        ticket_event(MONDAY + 3, tags=("vip",)),
    ]
    values, _ = run(events)
    told = [(each.is_opened, each.topics, each.customer) for each in of(DeskTopics, values)]
    assert told == [(True, ("category:exchange", "product:sku-1"), "k1"), (False, ("tag:vip",), "k1")]


def test_a_drill_tells_its_desk_nothing():
    """Neither topics nor that somebody waits."""
    values, rows = run([ticket_event(MONDAY, "created", status="new", category="exchange", test="drill-1")])
    assert (of(DeskTopics, values), of(DeskWait, values), rows) == ([], [], {})


def findings(values):
    """The house rules that were broken, by ticket, and when it was told."""
    return [(each.ticket_id, each.finding, each.emitted_at) for each in of(Alert, values) if each.finding]


def asked(moment, ticket="T1"):
    """A customer opens a ticket."""
    return ticket_event(moment, "created", status="new", ticket_id=ticket)


def test_an_hour_that_nobody_staffs_is_found():
    """After half an hour of working time in which nobody wrote to anybody; once, for the ticket that waits longest."""
    quiet = ticks(MONDAY - 8 * MINUTE, MONDAY - 4 * MINUTE)
    second = asked(MONDAY + MINUTE, "T2")
    values, _ = run([*quiet, asked(MONDAY), second, *ticks(MONDAY + MINUTE, MONDAY + 90 * MINUTE)])
    assert findings(values) == [("T1", "unstaffed_hours", MONDAY + 30 * MINUTE)]


@pytest.mark.parametrize(
    ("question", "answer", "found"),
    [
        pytest.param("2026-03-02 09:00", "2026-03-02 09:29", False, id="answered in time"),
        pytest.param("2026-03-02 09:00", "2026-03-02 09:31", True, id="answered too late"),
        pytest.param("2026-03-02 11:50", "2026-03-02 13:10", False, id="lunch is not staffed"),
        pytest.param("2026-03-06 17:50", "2026-03-09 09:15", False, id="nor is the weekend"),
        pytest.param("2026-09-30 17:50", "2026-10-08 09:15", False, id="nor is National Day"),
        pytest.param("2026-10-10 09:00", "2026-10-10 10:00", True, id="the make-up Saturday is"),
    ],
)
def test_only_staffed_hours_count(question, answer, found):
    """Working time of the calendar that the house names, on real dates."""
    first, last = at(question), at(answer)
    other = comment_event(last, "agent", ticket_id="T2", status="open")  # whoever is answered: somebody is there
    clock = ticks(first - 8 * MINUTE, first) + ticks(first + MINUTE, last)
    before, after = [each for each in clock if each <= first], [each for each in clock if each > first]
    opened_before = asked(first - MINUTE, "T2")
    seen = comment_event(first - 1, "agent", ticket_id="T2", status="open")
    values, _ = run([opened_before, seen, *before, asked(first), *after, other, last + MINUTE])
    assert bool(findings(values)) is found


def test_whoever_is_there_for_one_is_there():
    """A desk that answers other tickets is staffed, however long this one waits."""
    events = [*ticks(MONDAY - 8 * MINUTE, MONDAY - 4 * MINUTE), asked(MONDAY)]
    for minute in range(1, 120):
        if minute % 20 == 0:
            events.append(comment_event(MONDAY + minute * MINUTE - 1, "agent", ticket_id=f"T{minute}", status="open"))
        events.append(MONDAY + minute * MINUTE)
    values, _ = run(events)
    assert findings(values) == []


def test_without_a_calendar_nobody_has_to_be_there():
    """The rule is declared or it does not exist."""
    stages = [STAGES[0], desks_stage(pack_of().house.staffing)]
    values, _ = run([asked(MONDAY), *ticks(MONDAY, MONDAY + 5 * HOUR)], stages=stages)
    assert findings(values) == []


def test_a_calendar_that_is_not_there_is_a_problem():
    """Before anything is swapped in."""
    with pytest.raises(SlaError, match=r"house_rules.staffed: names the calendar nights; known: office, always"):
        pack_of(STANDARD + "house_rules: {staffed: nights}\n")
    assert OFFICE in STANDARD


@st.composite
def logs(draw):
    """Tickets of a few topics and customers, answers and ticks, in any order of event time within an hour."""
    found = list(week(8))
    now = MONDAY
    for number in range(draw(st.integers(1, 40))):
        now += draw(st.sampled_from([MINUTE, 3 * MINUTE]))
        kind = draw(st.sampled_from(["topic", "topic", "wait", "answer"]))
        about = {"desk": "default", "cause_id": f"c{number}", "emitted_at": now}
        ticket = f"t{draw(st.integers(0, 9))}"
        if kind == "topic":
            topic, behind = draw(st.sampled_from(["tag:a", "tag:b"])), draw(st.integers(0, 60)) * MINUTE
            found.append(opened(now - behind, topic, ticket=f"n{number}", customer=f"k{number % 5}"))
        else:
            found.append(DeskWait(ticket_id=ticket, is_waiting=kind == "wait", occurred_at=now, **about))
        found.append(now)
    return found


@settings(max_examples=40, deadline=None)
@given(events=logs(), most=st.integers(1, 7))
def test_where_batches_end_makes_no_difference(events, most):
    """The same rows and the same records, however the log is cut."""
    assert run(events, most=most) == run(events)


def test_a_week_is_kept_and_no_more():
    """Counts of hours older than eight days are gone."""
    events = [opened(MONDAY + day * DAY, "tag:a", ticket=f"t{day}") for day in range(20)]
    _, rows = run(events)
    row = hours_of(rows[b"default\xfftopic:tag:a"])
    assert min(row) > (MONDAY + 11 * DAY) // HOUR_MS
    assert len(row) == 8


def hours_of(encoded):
    """The hours that a row has counts for."""
    return {int(hour) for hour in msgspec.json.decode(encoded)["counts"]["hours"]}


def test_each_absence_is_news():
    """The same ticket waits longest through three of them; each is told, on it."""
    quiet = ticks(MONDAY - 8 * MINUTE, MONDAY - 4 * MINUTE)
    answers = [comment_event(MONDAY + minute * MINUTE - 1, "agent", ticket_id="T2") for minute in (65, 110)]
    second = asked(MONDAY + MINUTE, "T2")
    first, middle, last = (ticks(MONDAY + a * MINUTE, MONDAY + b * MINUTE) for a, b in ((1, 64), (65, 109), (110, 150)))
    values, _ = run([*quiet, asked(MONDAY), second, *first, answers[0], *middle, answers[1], *last])
    minutes = [(ticket, (at_ms - MONDAY) // MINUTE) for ticket, finding, at_ms in findings(values)]
    assert minutes == [("T1", 30), ("T1", 95), ("T1", 140)]
    assert len({each.alert_id for each in of(Alert, values) if each.finding}) == 3


def test_a_ticket_that_goes_to_another_desk_waits_there():
    """Its tenant is known with its second event: the desk it leaves was not staffed by that, and owes it nothing."""
    quiet = ticks(MONDAY - 8 * MINUTE, MONDAY - 4 * MINUTE)
    moved = ticket_event(MONDAY + 1000, status="new", tenant="shop")
    values, rows = run([asked(MONDAY), moved])
    told = [(each.desk, each.is_waiting, each.occurred_at) for each in of(DeskWait, values)]
    assert told == [("default", True, MONDAY), ("default", False, 0), ("shop", True, MONDAY + 1000)]
    assert b'"waiting"' not in rows[b"default"]
    assert b'"seen_at_ms"' not in rows[b"default"]
    answer = comment_event(MONDAY + 2000, "agent", ticket_id="T1", tenant="shop")
    values, _ = run([*quiet, asked(MONDAY), moved, answer, *ticks(MONDAY + MINUTE, MONDAY + 2 * HOUR)])
    assert findings(values) == []
    values, _ = run([*quiet, asked(MONDAY), moved, *ticks(MONDAY + MINUTE, MONDAY + HOUR)])
    assert [each[:2] for each in findings(values)] == [("T1", "unstaffed_hours")]
