"""Nobody is forgotten in silence: harm after an answer, hours that are shut, changed plans, people who have left."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.conversation.advice import AdviceBook
from pipeline.incidents.book import IncidentRow
from pipeline.incidents.escalation import is_within, opens_ms
from pipeline.incidents.fold import fold
from pipeline.incidents.load import parse_oncall
from pipeline.incidents.plan import Chain, Hours, Plan, Route, Step, Target
from pipeline.incidents.roster import Calendar, Roster, Rotation, Shift
from pipeline.rows import Store, encode_row
from pipeline.stage import Batch
from schemas.actions import Action, ActionKind
from schemas.audits import ActionAudit, ActionResult
from schemas.codec import Record
from schemas.deliveries import Notification, Outcome, Receipt
from schemas.incidents import IncidentState
from schemas.ticks import Tick
from schemas.topics import ACTIONS, ALERTS, TICKS
from schemas.vocabulary import AlertKind, Level
from tests.support.alerts import DAY, HOUR, HOUR_START_MS, MINUTE, SECOND, alert
from tests.support.incidents import DUTY, FIRST, LEAD, PEOPLE, PLAN, Told, act, high, minutes, run, silence, surge

INCIDENT = "incident:conversation:c1:level_rise:c1:explicit:e1"
OPS = Step((Target("channel", "ops"),))
OFFICE = Hours(frozenset(range(5)), 9 * 60, 18 * 60)
NIGHT = 10 * HOUR  # of Friday, 22:00; the tests begin at noon
MONDAY_9AM = 2 * DAY + 21 * HOUR
AGAIN = "又有新增"


def harm(at_ms: int, number: int = 1):
    """Somebody says in the conversation that they may harm themselves."""
    name = f"self_harm:c1:{number}"
    return high(1, at_ms, kind=AlertKind.SELF_HARM, never_silenced=True, alert_id=name, fingerprint=name)


def threat(at_ms: int):
    """The same conversation threatens with something else."""
    return high(1, at_ms, alert_id="level_rise:c1:high_risk:e2")


def one_chain(*steps: Step, **more) -> Plan:
    """A plan with one chain for everything, at once."""
    return replace(PLAN, chains={"one": Chain(steps, **more)}, routes=(Route("one", group_wait=timedelta(0)),))


def told(events, plan=PLAN):
    """Minute and channel of each notice."""
    return [(minute, channel) for minute, _, channel, _ in run(events, plan=plan).notices]


def reasons(events, plan=PLAN):
    """Why nobody was told, each time."""
    return [each.reason for each in run(events, plan=plan).of(Receipt)]


def changed(events, *, plan, until, first=PLAN):
    """The stage, begun anew with another plan after so many minutes, from the rows that it wrote."""
    changelog: dict[bytes, bytes | None] = {}
    outputs = []
    for event in events:
        at_ms = event.now_ms if isinstance(event, Tick) else event.at if isinstance(event, Action) else event.emitted_at
        store: Store[IncidentRow] = Store(IncidentRow)
        store.load(changelog.items())
        store.loaded(now_ms=0)
        topic = {Tick: TICKS, Action: ACTIONS}.get(type(event), ALERTS)
        used = first if at_ms <= HOUR_START_MS + until * MINUTE else plan
        effects = fold(Batch(topic, 0, [event], [Record(0, 0, None, b"")]), store, plan=used, advice=AdviceBook())
        outputs += effects.outputs
        changelog |= {key: None if row is None else encode_row(row) for key, row in effects.changes.items()}
    return Told(outputs, {})


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([high(1), act(ActionKind.ACK, INCIDENT, MINUTE), harm(2 * MINUTE)], (2.0, "等级上升"), id="acked"),
        pytest.param(
            [high(1), act(ActionKind.RESOLVE, INCIDENT, MINUTE), harm(2 * MINUTE)],
            (2.0, "已解决后再次发生"),
            id="resolved",
        ),
        pytest.param([high(1), harm(MINUTE)], (1.0, "等级上升"), id="open"),
        pytest.param(
            [silence(0, HOUR, region="440000"), high(1, MINUTE), harm(2 * MINUTE)], (2.0, "等级上升"), id="silenced"
        ),
        pytest.param(
            [harm(0), act(ActionKind.ACK, INCIDENT.replace("level_rise:c1:explicit:e1", "self_harm:c1:1"), MINUTE),
             harm(2 * MINUTE, 2)],
            (2.0, "等级上升"), id="once more, after the first was acknowledged",
        ),
        pytest.param([harm(0), threat(SECOND), harm(MINUTE, 2)], (1.0, AGAIN), id="once more, while it is open"),
    ],
)  # fmt: skip
def test_who_may_harm_themselves_is_told_of_at_once(events, expected):
    """Whatever became of the conversation's incident before, and whatever is silenced."""
    assert run(events).notices[-1][:2] == expected


def test_no_silence_holds_once_somebody_may_come_to_harm():
    """A threat that follows does not let a silence of the region hold."""
    found = run([silence(0, HOUR, region="440000"), harm(MINUTE), threat(2 * MINUTE), *minutes(12, 2)])
    assert [minute for minute, why, _, _ in found.notices if why != AGAIN] == [1.0, 6.0, 11.0, 11.0]
    assert found.of(Receipt) == []
    assert all("先顾人" in each.card.title for each in found.of(Notification))


QUEUE_A, QUEUE_B = {"queue": "A"}, {"queue": "B"}


@pytest.mark.parametrize(
    ("alerts", "label", "is_told"),
    [
        pytest.param([alert(1, MINUTE, **QUEUE_B), alert(2, 70 * SECOND, **QUEUE_A)], QUEUE_A, True, id="B, then A"),
        pytest.param([alert(1, MINUTE, **QUEUE_A), alert(2, 70 * SECOND, **QUEUE_B)], QUEUE_A, True, id="A, then B"),
        pytest.param([alert(1, MINUTE, **QUEUE_A), alert(2, 70 * SECOND, **QUEUE_A)], QUEUE_A, False, id="A alone"),
        pytest.param(
            [alert(1, MINUTE, **QUEUE_A), alert(2, 70 * SECOND, level=Level.POTENTIAL, **QUEUE_B)], QUEUE_A, False,
            id="a potential complaint of B, of which nobody is told alone",
        ),
        pytest.param(
            [alert(1, MINUTE, conversation_id="c1"), alert(2, 70 * SECOND, conversation_id="c2")],
            {"conversation_id": "c2"}, True, id="one conversation of two",
        ),
        pytest.param(
            [alert(1, MINUTE, product="p1"), alert(2, 70 * SECOND, product="p2")], {"region": "440000"}, False,
            id="the region of both",
        ),
        pytest.param(
            [alert(1, MINUTE, level=Level.POTENTIAL), alert(2, 70 * SECOND), alert(3, 80 * SECOND)],
            {"level": "explicit"}, False, id="their level",
        ),
    ],
)  # fmt: skip
def test_a_silence_mutes_what_it_is_about(alerts, label, is_told):
    """An incident is quiet where the silence matches each of its alerts."""
    assert bool(run([silence(0, HOUR, **label), *alerts, *minutes(4, 2)]).notices) is is_told


def test_a_silenced_incident_speaks_when_something_else_joins_it():
    """It does not wait for the silence to be asked again."""
    events = [silence(0, HOUR, queue="A"), alert(1, MINUTE, queue="A"), *minutes(3, 2), alert(2, 200 * SECOND)]
    assert told([*events, *minutes(4, 4)]) == [(200 / 60, "ops")]


def test_an_outbreak_mutes_no_incident_of_several_products():
    """Its own product's complaints alone would be quiet."""
    outbreak = alert(1, kind=AlertKind.OUTBREAK, fingerprint="outbreak:x", product="p9")
    own, other = alert(2, SECOND, product="p9"), alert(3, 2 * SECOND, product="p8")
    for members, count in (([own], 1), ([other, own], 2), ([own, other], 2)):
        assert len(run([outbreak, *members, *minutes(3)]).notices) == count


def test_complaints_out_of_hours_are_told_when_the_hours_begin():
    """The plan of docs/on-call.md: from Friday night to Monday, however often somebody complains meanwhile."""
    text = Path("docs/on-call.md").read_text(encoding="utf-8").split("```yaml oncall\n")[1].split("```")[0]
    plan = parse_oncall("docs/on-call.md", text.encode()).plan
    ticks = [Tick(now_ms=HOUR_START_MS + hour * HOUR) for hour in range(11, 24 * 5)]
    for times in ([NIGHT], [NIGHT, 30 * HOUR, 50 * HOUR]):
        alerts = [alert(number, at_ms) for number, at_ms in enumerate(times)]
        found = run(
            sorted([*alerts, *ticks], key=lambda each: getattr(each, "now_ms", 0) or each.emitted_at), plan=plan
        )
        assert found.notices[:1] == [(MONDAY_9AM / MINUTE, "首次告警", "ops-robot", "group")]
        (incident,) = found.incidents.values()
        assert (incident.state, incident.count) == (IncidentState.CLOSED, len(times))


def test_an_explicit_complaint_waits_for_a_duty_on_monday():
    """The weekend is longer than an incident without news lasts, and nobody was told of it yet."""
    office = Roster((Shift(DUTY.shifts[0].weekday, holiday=Rotation((), date(2020, 1, 1)), lasts=timedelta(hours=8)),))
    plan = replace(one_chain(Step((Target("roster", "duty"),))), rosters={"duty": office})
    events = [alert(1, NIGHT), *(Tick(now_ms=HOUR_START_MS + hour * HOUR) for hour in range(11, 72))]
    assert told(events, plan) == [(MONDAY_9AM / MINUTE, "dingtalk-app")]


SOON = {"only_from_count": 3, "of_last": timedelta(minutes=10)}


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        pytest.param(one_chain(replace(OPS, only_from_count=3)), [3.0], id="at the third alert"),
        pytest.param(one_chain(replace(OPS, **SOON)), [3.0], id="at the third of ten minutes"),
        pytest.param(one_chain(replace(OPS, only_from_count=3), repeat=2), [3.0], id="not only in the next round"),
        pytest.param(
            one_chain(replace(OPS, only_within=OFFICE, only_from_count=3)), [3.0], id="within hours that are open"
        ),
        pytest.param(one_chain(replace(OPS, only_from_count=9)), [], id="too few"),
    ],
)
def test_a_chain_that_told_nobody_begins_when_a_step_holds(plan, expected):
    """Each new alert asks its steps again; a chain that ended without telling anybody says so."""
    events = [alert(1), *minutes(1), alert(2, 2 * MINUTE), alert(3, 3 * MINUTE), *minutes(7, 3)]
    assert [minute for minute, _ in told(events, plan)] == expected
    assert set(reasons(events, plan)) == {Outcome.NOBODY}


def test_too_many_at_night_are_told_at_night():
    """What waits for the hours of one step is told by another whose number is reached."""
    plan = one_chain(replace(OPS, only_within=OFFICE), Step((Target("channel", "night"),), only_from_count=2))
    events = [alert(1, NIGHT), Tick(now_ms=HOUR_START_MS + 11 * HOUR), alert(2, 12 * HOUR)]
    assert told(events, plan) == [(12 * 60.0, "night")]


def test_whom_nobody_reaches_is_tried_again_at_the_pace_of_news():
    """A storm of alerts without a lead is no storm of receipts."""
    events = [alert(number, number * SECOND, queue="none") for number in range(600)]
    assert reasons(events, one_chain(Step((Target("lead"),)))) == [Outcome.NOBODY] * 2


FAR = Roster((Shift(Rotation((FIRST,), date(2027, 1, 5))),))


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        pytest.param(
            replace(one_chain(Step((Target("roster", "duty"),))), rosters={"duty": FAR}), True, id="for over two months"
        ),
        pytest.param(replace(one_chain(Step((Target("lead"),))), leads={}), True, id="without a lead"),
        pytest.param(one_chain(replace(OPS, only_from_count=5)), True, id="too few"),
        pytest.param(one_chain(replace(OPS, only_within=Hours(frozenset({6}), 0, 60))), True, id="out of hours"),
        pytest.param(
            replace(one_chain(Step((Target("lead"),))), leads={}, fallback_channel=""), False, id="no channel"
        ),
    ],
)
def test_at_high_risk_the_fallback_is_told_at_once(plan, expected):
    """Whatever the reason for which nobody else is; without such a channel a receipt says so."""
    found = run([high(1)], plan=plan)
    assert [(minute, channel) for minute, _, channel, _ in found.notices] == [(0.0, "all-hands")] * expected
    assert [each.reason for each in found.of(Receipt)] == [Outcome.NOBODY] * (not expected)
    explicit = run([alert(1)], plan=plan)
    assert explicit.notices == []


RENAMED = replace(
    PLAN,
    chains={"urgent": PLAN.chains["high"], "normal": PLAN.chains["normal"]},
    routes=(Route("urgent", levels=frozenset({Level.HIGH_RISK})), Route("normal")),
)


@pytest.mark.parametrize(
    ("plan", "expected", "said"),
    [
        pytest.param(RENAMED, [0.0, 5.0, 10.0, 10.0, 20.0, 50.0], [], id="renamed"),
        pytest.param(
            replace(PLAN, chains={**PLAN.chains, "high": Chain((OPS,), repeat=1)}), [0.0, 5.0, 35.0], [], id="cut short"
        ),
        pytest.param(
            replace(PLAN, chains={"normal": Chain((OPS,))}, routes=()), [0.0], [Outcome.RECORD_ONLY], id="gone"
        ),
    ],
)
def test_a_changed_plan_leaves_no_open_incident_alone(plan, expected, said):
    """The chain goes on by what the plan says now, from where it stood; where that is nobody, a receipt says so."""
    found = changed([high(1), *minutes(52)], plan=plan, until=2)
    assert [minute for minute, *_ in found.notices] == expected
    assert [each.reason for each in found.of(Receipt)] == said


def test_what_becomes_graver_and_is_only_kept_is_accounted_for():
    """Its new route tells nobody, and that is said."""
    plan = replace(PLAN, routes=(Route("", levels=frozenset({Level.HIGH_RISK})), Route("normal")))
    surges = [surge(1), surge(2, 2 * MINUTE, level=Level.HIGH_RISK)]
    assert reasons([surges[0], *minutes(1), surges[1], *minutes(9, 3)], plan) == [Outcome.RECORD_ONLY]


def test_escalating_by_hand_in_a_chain_that_was_cut_short():
    """It tells the first step at once."""
    plan = replace(PLAN, chains={**PLAN.chains, "high": Chain((OPS,))})
    found = changed([high(1), *minutes(2), act(ActionKind.ESCALATE, INCIDENT, 3 * MINUTE)], plan=plan, until=2)
    assert found.notices[-1][0::2] == (3.0, "ops")


def test_nobody_writes_to_who_has_left():
    """Not of what joins, not that it is over; and who changed their ways is written to by those that they have."""
    left = {name: person for name, person in PEOPLE.items() if name != LEAD}
    moved = {**left, FIRST: replace(PEOPLE[FIRST], channels=("sms",))}
    short = {**PLAN.chains, "high": Chain(PLAN.chains["high"].steps[:2])}
    before = replace(PLAN, chains=short, redrawing=frozenset({"feishu-app", "sms"}))
    after = replace(before, people=moved, leads={})
    over = act(ActionKind.RESOLVE, INCIDENT, 11 * MINUTE, "duty-2")
    events = [high(1), *minutes(5), threat(350 * SECOND), *minutes(11, 6), over]
    found = changed(events, first=before, plan=after, until=5)
    assert found.notices[:2] == [
        (0.0, "首次告警", "feishu-app", LEAD),
        (5.0, "无人确认，已升级", "dingtalk-app", FIRST),
    ]
    assert found.notices[2:] == [(10.0, AGAIN, "sms", FIRST), (11.0, "已解决", "sms", FIRST)]
    assert {to for _, _, _, to in found.redrawn} == {FIRST}


def test_the_chain_begins_where_all_who_were_told_have_left():
    """Else nobody would hear what joined."""
    stepped = one_chain(Step((Target("person", LEAD),)))
    plan = replace(one_chain(OPS), people={name: person for name, person in PEOPLE.items() if name != LEAD})
    found = changed([alert(1), *minutes(1), alert(2, 2 * MINUTE), *minutes(6, 3)], first=stepped, plan=plan, until=1)
    assert [(minute, channel) for minute, _, channel, _ in found.notices] == [(0.0, "feishu-app"), (5.0, "ops")]


def test_whoever_is_on_call_may_end_what_is_high_risk():
    """As docs/on-call.md says; `close_high_risk` is for admins."""
    for kind, result in (
        (ActionKind.RESOLVE, ActionResult.TAKEN),
        (ActionKind.CLOSE_HIGH_RISK, ActionResult.NOT_ALLOWED),
    ):
        found = run([high(1), act(kind, INCIDENT, MINUTE, FIRST)])
        assert [each.result for each in found.of(ActionAudit)] == [result]


STEPS = st.builds(
    Step,
    st.sampled_from([(Target("lead"),), (Target("channel", "ops"),), (Target("roster", "duty"),)]),
    after=st.sampled_from([timedelta(0), timedelta(minutes=5)]),
    only_within=st.sampled_from([None, OFFICE, Hours(frozenset({5, 6}), 0, 60), Hours(frozenset(range(7)), 720, 1080)]),
    only_from_count=st.integers(0, 4),
    of_last=st.sampled_from([None, timedelta(minutes=10)]),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(STEPS, min_size=1, max_size=3),
    st.integers(0, 2),
    st.lists(st.tuples(st.integers(0, 3 * 24 * 60), st.sampled_from(["repair", ""])), min_size=1, max_size=8),
    st.sampled_from([alert, high]),
    st.sets(st.integers(1, 300)),
)
def test_whatever_the_steps_ask_for_a_case_ends_and_is_accounted_for(steps, repeat, times, kind, cuts):
    """Two weeks later no row is left; each case was told or has a receipt; where the log is cut does not matter."""
    plan = one_chain(*steps, repeat=repeat)
    alerts = [kind(number, minute * MINUTE, queue=queue) for number, (minute, queue) in enumerate(times)]
    ticks = [Tick(now_ms=HOUR_START_MS + hour * HOUR) for hour in range(1, 24 * 14)]
    events = sorted([*alerts, *ticks], key=lambda each: getattr(each, "now_ms", 0) or each.emitted_at)
    found, cut = run(events, plan=plan), run(events, plan=plan, cuts=cuts)
    assert sorted(map(repr, found.values)) == sorted(map(repr, cut.values))
    assert not [key for key in found.rows if key.startswith((b"case|", b"id|"))]
    assert len(found.values) < 60 * len(alerts)
    heard = {each.incident_id for each in (*found.of(Notification), *found.of(Receipt))}
    assert heard == set(found.incidents)
    if kind is high:
        assert {each.incident_id for each in found.of(Notification)} == heard


CHINA = Calendar(follows_china=True)
EVERY, WEEK, WEEKEND = (range(7), range(5), (5, 6))


@pytest.mark.parametrize(
    ("day", "holding"),
    [
        pytest.param(date(2026, 9, 30), {WEEK, EVERY}, id="Wednesday"),
        pytest.param(date(2026, 9, 19), {WEEKEND, EVERY}, id="Saturday"),
        pytest.param(date(2026, 10, 1), {WEEKEND, EVERY}, id="National Day, a Thursday"),
        pytest.param(date(2026, 10, 10), {WEEK, EVERY}, id="a Saturday that is worked"),
    ],
)
def test_hours_know_holidays_and_make_up_days(day, holding):
    """As rosters do."""
    at_ms = CHINA.moment_ms(datetime.combine(day, datetime.min.time())) + 10 * HOUR
    found = {
        days
        for days in (EVERY, WEEK, WEEKEND)
        if is_within(Hours(frozenset(days), 540, 600 + 1), at_ms, calendar=CHINA)
    }
    assert found == holding


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 6), min_size=1), st.integers(0, 1430), st.integers(1, 9), st.integers(0, 400 * 24 * 60))
def test_hours_begin_when_they_are_said_to(days, opens, lasts, minute):
    """They hold from then on, not a minute before, and at no full quarter of an hour between."""
    hours, at_ms = Hours(frozenset(days), opens, opens + lasts), HOUR_START_MS + minute * MINUTE
    begins_ms = opens_ms(hours, at_ms, calendar=CHINA)
    assert begins_ms is not None
    assert begins_ms > at_ms
    assert is_within(hours, begins_ms, calendar=CHINA)
    assert not is_within(hours, begins_ms - MINUTE, calendar=CHINA)
