"""What each source adds to the figures, worked out by hand; and that nothing adds twice."""

import pytest

from pipeline.contacts import Customer
from pipeline.contacts import fold as fold_contacts
from pipeline.kpis.measure import mean, quantile
from pipeline.measures.fold import decode, fold
from pipeline.measures.state import MeasuresRow
from pipeline.rows import Store
from pipeline.stage import Batch
from schemas import codec
from schemas.codec import Record
from schemas.contacts import Contact
from schemas.kpis import Kpi
from schemas.sla_clocks import ClockState, GoalKind
from schemas.ticks import Tick
from schemas.topics import ALERTS, CONTACTS, FINDINGS, TICKETS, TICKS
from schemas.vocabulary import ChannelClass, Level
from tests.support.measured import (
    HOUR,
    HOUR_START_MS,
    MINUTE,
    SECOND,
    acked,
    clock,
    clocks,
    contact,
    counted,
    doing,
    promise,
    rise,
    ticket,
)

NONE, POTENTIAL, EXPLICIT, HIGH = Level.NONE, Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK


def figures(events):
    """Each figure as mean and n."""
    return {name: (mean(measure), measure.n) for name, measure in counted(events)[0].items()}


def test_contacts():
    """Five contacts: one potential, two complaints of which one was saved; two customers known, one comes again."""
    found = figures(
        [
            contact(),
            contact(MINUTE, POTENTIAL, POTENTIAL, first_response_ms=10_000),
            contact(MINUTE, EXPLICIT, POTENTIAL, contacts_72h=2, first_response_ms=30_000),
            contact(MINUTE, HIGH, HIGH, contacts_72h=1),
            contact(MINUTE, channel=ChannelClass.CHAT),
        ]
    )
    assert found == {
        Kpi.COMPLAINT_RATE_B: (0.4, 5),
        Kpi.DISSATISFIED_RATE_B: (0.6, 5),
        "contacts.voice": (0.5, 4),
        "contacts.chat": (0.0, 1),
        Kpi.SAVED: (0.5, 2),
        Kpi.REPEAT_CONTACT: (0.5, 2),
        Kpi.FIRST_RESPONSE: (20.0, 2),
    }


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"revision": 2}, id="a later revision of the summary"),
        pytest.param({"test": "drill"}, id="a drill"),
        pytest.param({"channel": ChannelClass.TICKET}, id="the text of a ticket"),
        pytest.param({"channel": ChannelClass.FEEDBACK}, id="the comment of an answer"),
    ],
)
def test_no_contact(changes):
    """Counted nowhere."""
    assert figures([contact(0, EXPLICIT, **changes)]) == {}


def test_warned_ahead():
    """Two of three threats came after a warning, ten and thirty seconds before; more threats later say nothing new."""
    found = figures([
        rise(10 * SECOND), rise(30 * SECOND), rise(None), rise(5, previous_level=HIGH), rise(5, test="drill"),
        rise(None, level=EXPLICIT, previous_level=NONE),
    ])  # fmt: skip
    assert found == {Kpi.WARNED_AHEAD: (pytest.approx(2 / 3), 3), Kpi.LEAD_TIME: (20.0, 2)}


def test_clocks():
    """Kept two of three; solved after three hours of work, one more was paused; said again, it counts once."""
    resolved = clock(GoalKind.TOTAL_RESOLUTION, ClockState.HIT, 3 * HOUR, HOUR, paused_ms=HOUR)
    acted = clock(GoalKind.FIRST_ACTION, ClockState.MISSED, 12 * MINUTE, 12 * MINUTE)
    answered = clock(GoalKind.FIRST_RESPONSE, ClockState.HIT, MINUTE, MINUTE)
    found = figures([clocks(answered), clocks(answered, acted), clocks(answered, acted, resolved), clocks(resolved)])
    assert found == {
        Kpi.SLA_ATTAINMENT: (pytest.approx(2 / 3), 3),
        Kpi.FIRST_ACTION: (720.0, 1),
        Kpi.RESOLUTION: (10_800.0, 1),
        Kpi.PAUSE_SHARE: (0.25, 4 * HOUR),
    }
    assert figures([clocks(resolved, test="drill")]) == {}
    assert figures([clocks(clock(GoalKind.HANDLE, ClockState.CANCELLED, 5, 5))]) == {}


def test_time_to_acknowledge():
    """Once an incident, with median and p90."""
    found, _ = counted([acked(number, (number + 1) * MINUTE) for number in range(10)] + [acked(0, 9 * MINUTE)])
    measure = found[Kpi.ACKNOWLEDGE]
    assert (mean(measure), measure.n) == (330.0, 10)
    assert quantile(measure, 0.5) == pytest.approx(300, rel=0.025)
    assert quantile(measure, 0.9) == pytest.approx(540, rel=0.025)
    assert figures([acked(1, MINUTE, test="drill")]) == {}


def test_occupancy():
    """Of 60 minutes logged in, 30 talking and 12 writing up; a break is time logged in, being off is not."""
    found = figures([
        doing("a", "ready", 0),
        doing("a", "talking", 8 * MINUTE),
        doing("a", "acw", 38 * MINUTE),
        doing("a", "break", 50 * MINUTE),
        doing("a", "offline", 60 * MINUTE),
        doing("a", "ready", 100 * MINUTE),
    ])  # fmt: skip
    assert found == {Kpi.OCCUPANCY: (0.7, HOUR)}


def test_occupancy_of_long_and_repeated_states():
    """A repeat adds nothing, an older state neither; who never logged off was at work for twelve hours at most."""
    begun = doing("a", "talking", 0)
    found = figures([begun, begun, doing("a", "ready", -MINUTE), doing("a", "offline", 30 * HOUR)])
    assert found == {Kpi.OCCUPANCY: (1.0, 12 * HOUR)}
    assert figures([doing("a", "ready", 0, until=HOUR_START_MS + MINUTE), doing("a", "offline", HOUR)]) == {
        Kpi.OCCUPANCY: (0.0, MINUTE)
    }


def test_promises_kept():
    """Two of three; open ones and released ones are neither, and what is done too late stays broken."""
    settled = [promise(1, "kept"), promise(2, "kept"), promise(3, "broken"), promise(3, "broken", queue="q")]
    others = [promise(4, "open"), promise(5, "released"), promise(6, "broken", test="drill")]
    assert figures([*settled, *others]) == {Kpi.PROMISE_KEPT: (pytest.approx(2 / 3), 3)}


def test_upsell():
    """One sale of two tickets, however often it is said."""
    found = figures(
        [
            ticket(0, "created"),
            ticket(1, "created", ticket_id="t2"),
            ticket(2, "updated", sale_closed=True),
            ticket(3, "closed", sale_closed=True),
        ]
    )
    assert found == {Kpi.UPSELL: (0.5, 2)}


def test_a_sale_counts_with_its_ticket():
    """Where and when that was created, also if the sale is told first; of a ticket that nobody knows it is no share."""
    store = Store(MeasuresRow)
    events = [
        ticket(0, "created"),
        ticket(HOUR, "created", ticket_id="t2"),
        ticket(2 * HOUR, "closed", sale_closed=True, region="110000"),
        ticket(2 * HOUR, "closed", sale_closed=True, ticket_id="t3"),
        ticket(HOUR + 1, "created", ticket_id="t3"),
        ticket(HOUR, "closed", sale_closed=True, ticket_id="t4"),
        ticket(HOUR, "created", sale_closed=True, ticket_id="t5", region="110000"),
    ]
    for event in events:
        effects = fold(Batch(TICKETS, 0, [event], [Record(0, HOUR_START_MS, None, b"")]), store)
        store.apply(effects.changes, now_ms=0)
    told = fold(Batch(TICKS, 0, [Tick(now_ms=HOUR_START_MS + 10 * SECOND)], [Record(0, 0, None, b"")]), store)
    tallies = [output.value for output in told.outputs]
    found = {
        (each.subject, (each.hour_start - HOUR_START_MS) // HOUR): (
            each.measures[Kpi.UPSELL].total // 1000,
            each.measures[Kpi.UPSELL].n,
        )
        for each in tallies
    }
    assert found == {("region:440000", 0): (1, 1), ("region:440000", 1): (1, 2), ("region:110000", 1): (1, 1)}


def test_where_batches_end_makes_no_difference():
    """The same counts and rows."""
    works = [doing("a", state, at_ms) for at_ms, state in enumerate(("ready", "talking", "acw", "talking"))]
    contacts = [contact(), contact(HOUR, EXPLICIT), contact(1, POTENTIAL, first_response_ms=5), contact(HOUR)]
    events = [*contacts, rise(5), rise(None), *works, ticket(0, "created"), ticket(0, "created", ticket_id="t2")]
    events += [ticket(1, "closed", sale_closed=True), ticket(1, "closed", sale_closed=True, ticket_id="t2")]
    assert counted(events) == counted(events, cuts=[1, 2, 3, 5, 7, 8, 11, 13])


def test_what_cannot_matter_is_not_decoded():
    """Of findings the summaries, of alerts those of high risk."""
    rows = [Record(number, 0, b"", codec.encode(each)) for number, each in enumerate([contact(), rise(5)])]
    other = Record(2, 0, b"", codec.encode(rise(None, level=EXPLICIT, previous_level=NONE)))
    assert len(decode(FINDINGS, [rows[0], Record(3, 0, b"", b'{"schema":"quality.finding/1"}')], 0).events) == 1
    (refusal,) = decode(FINDINGS, [Record(3, 0, b"", b'{"schema":"quality.summary/1","revision":"x"}')], 0).refusals
    assert refusal.path.startswith("$.")
    assert [event.lead_ms for event in decode(ALERTS, [rows[1], other], 0).events] == [5]


# -- distinct customers ----------------------------------------------------------------------------------------------


def came(number, at_ms, level=NONE, customer="k1", **changes):
    """A customer has come, or has come further."""
    fields = {
        "contact_id": f"contact:{number}:{level}", "customer_key": customer, "conversation_id": f"c{number}",
        "episode": 1, "channel": ChannelClass.VOICE, "started_at": HOUR_START_MS + at_ms, "level": level,
        "occurred_at": HOUR_START_MS + at_ms, "emitted_at": HOUR_START_MS, "region": "440000",
    }  # fmt: skip
    return Contact(**fields | changes)


def customers(*contacts):
    """Complaining and dissatisfied customers of all, as told."""
    store = Store(Customer)
    for each in contacts:
        store.apply(fold_contacts(Batch(CONTACTS, 0, [each], ()), store).changes, now_ms=0)
    told = fold_contacts(Batch(TICKS, 0, [Tick(now_ms=HOUR_START_MS + 10 * SECOND)], ()), store)
    sums = {}
    for output in told.outputs:
        for name, measure in output.value.measures.items():
            n, total = sums.get(name, (0, 0))
            sums[name] = (n + measure.n, total + measure.total)
    return {name: (total // 1000, n) for name, (n, total) in sums.items()}


def test_a_customer_counts_once_a_day():
    """Five calls of an angry customer are one complaining customer; the calmer one is one of the two served."""
    found = customers(
        came(1, 0),
        came(1, 0, EXPLICIT),
        came(2, MINUTE, EXPLICIT),
        came(3, 2 * MINUTE),
        came(4, MINUTE, POTENTIAL, customer="k2"),
        came(4, MINUTE, NONE, customer="k2"),
        came(4, MINUTE, POTENTIAL, customer="k2"),
    )
    assert found == {Kpi.COMPLAINT_RATE_A: (1, 2), Kpi.DISSATISFIED_RATE_A: (2, 2)}


def test_the_next_day_is_another_day():
    """Days are days in China: sixteen hours after midnight of UTC the next one begins."""
    assert customers(came(1, 15 * HOUR, EXPLICIT), came(2, 16 * HOUR))[Kpi.COMPLAINT_RATE_A] == (1, 2)
    assert customers(came(1, 14 * HOUR, EXPLICIT), came(2, 15 * HOUR))[Kpi.COMPLAINT_RATE_A] == (1, 1)


def test_answers_and_drills_serve_nobody():
    """A comment on a questionnaire is no contact of a customer served."""
    assert customers(came(1, 0, channel=ChannelClass.FEEDBACK), came(2, 0, test="drill")) == {}
