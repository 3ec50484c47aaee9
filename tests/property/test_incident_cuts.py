"""Incidents in general: where the log is cut does not matter, every case ends, nobody off duty is told."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from pipeline.incidents.receivers import calendar_of
from pipeline.incidents.roster import Roster, Rotation, Shift, on_call
from schemas.actions import Action, ActionKind, ActionSource, Verdict
from schemas.audits import REFUSED, ActionAudit
from schemas.deliveries import Notification
from schemas.ticks import Tick
from schemas.vocabulary import AlertKind, Level
from tests.support.alerts import DAY, HOUR, HOUR_START_MS, MINUTE, alert
from tests.support.incidents import FIRST, MANAGER, PLAN, SECOND, act, high, run, silence

TURNS = replace(
    PLAN,
    redrawing=frozenset({"dingtalk-app", "feishu-app"}),
    rosters={"duty": Roster((Shift(Rotation((FIRST, SECOND), date(2020, 1, 1), 1)),))},
)


@st.composite
def logs(draw):
    """Alerts of a few conversations, ticks, and people who act on what may be there, in the order of time."""
    events, at_ms = [], 0
    for number in range(draw(st.integers(1, 25))):
        at_ms += draw(st.sampled_from([0, 1_000, 20_000, MINUTE, 7 * MINUTE, HOUR, 5 * HOUR]))
        kind = draw(
            st.sampled_from(
                [
                    "explicit",
                    "high",
                    "surge",
                    "tick",
                    "tick",
                    "ack",
                    "resolve",
                    "escalate",
                    "link",
                    "verdict",
                    "silence",
                ]
            )
        )
        who = draw(st.integers(1, 3))
        name = f"incident:conversation:c{who}:level_rise:c{who}:explicit:e{who}"
        if kind == "explicit":
            events.append(alert(number + 100, at_ms, level=draw(st.sampled_from([Level.POTENTIAL, Level.EXPLICIT]))))
        elif kind == "high":
            events.append(high(who, at_ms))
        elif kind == "surge":
            level = draw(st.sampled_from([Level.EXPLICIT, Level.HIGH_RISK]))
            events.append(alert(number + 200, at_ms, kind=AlertKind.SURGE, fingerprint="surge:1", level=level))
        elif kind == "tick":
            events.append(Tick(now_ms=HOUR_START_MS + at_ms))
        elif kind == "link":  # of few links, so that some are used again, by who may and who may not, in time and later
            made = act(ActionKind.ACK, name, at_ms, draw(st.sampled_from([FIRST, "stranger"])))
            link, good_ms = draw(st.integers(1, 3)), draw(st.sampled_from([0, HOUR, DAY]))
            not_after = HOUR_START_MS + good_ms
            events.append(
                structs.replace(made, source=ActionSource.LINK, action_id=f"link-{link}", not_after=not_after)
            )
        elif kind == "verdict":
            said = draw(st.sampled_from(Verdict))
            events.append(act(ActionKind.VERDICT, name, at_ms, draw(st.sampled_from([FIRST, SECOND])), verdict=said))
        elif kind == "silence":
            label = draw(st.sampled_from([("incident_id", name), ("level", "high_risk")]))
            made = silence(at_ms, at_ms + draw(st.sampled_from([MINUTE, HOUR, 3 * DAY])), **dict([label]))
            agreed = act(
                ActionKind.CONSENT, "", at_ms, draw(st.sampled_from([MANAGER, "cli"])), silence_id=made.action_id
            )
            ended = act(ActionKind.UNSILENCE, "", at_ms, MANAGER, silence_id=made.action_id)
            events += draw(st.sampled_from([[made], [made, ended], [made, agreed]]))
        else:
            events.append(act(ActionKind(kind), name, at_ms))
    return events


@settings(max_examples=150, deadline=None)
@given(logs(), st.sets(st.integers(1, 24)))
def test_where_the_log_is_cut_does_not_matter(events, cuts):
    """The same rows and the same records in the same order."""
    whole, cut = run(events, plan=TURNS), run(events, plan=TURNS, cuts=cuts)
    assert whole.values == cut.values
    assert whole.rows == cut.rows


@settings(max_examples=100, deadline=None)
@given(logs(), st.sets(st.integers(1, 24)))
def test_a_link_is_taken_once_at_most(events, cuts):
    """However the log is cut; and every action that came has its line in the audit."""
    audits = run(events, plan=TURNS, cuts=cuts).of(ActionAudit)
    assert len(audits) == sum(isinstance(event, Action) for event in events)
    taken = [each.action_id for each in audits if each.source is ActionSource.LINK and each.result not in REFUSED]
    assert len(set(taken)) == len(taken)


@settings(max_examples=100, deadline=None)
@given(logs())
def test_every_case_ends(events):
    """Four days later nothing is open, no row of a case is left, and no chain has run longer than it may."""
    ticks = [Tick(now_ms=HOUR_START_MS + DAY * 3 + number * HOUR) for number in range(24 * 3)]
    told = run([*events, *ticks], plan=TURNS)
    assert not [key for key in told.rows if key.startswith((b"case|", b"id|"))]
    assert len(told.of(Notification)) < 60 * len(events)


@settings(max_examples=100, deadline=None)
@given(logs())
def test_nobody_off_duty_is_told_by_a_roster(events):
    """Whoever of the two is told at a step of the roster was on call at that moment."""
    plan = replace(TURNS, chains={"high": replace(TURNS.chains["high"], steps=TURNS.chains["high"].steps[:2])})
    plan = replace(plan, chains={**plan.chains, "normal": TURNS.chains["normal"]})
    for notice in run([*events, Tick(now_ms=HOUR_START_MS + DAY)], plan=plan).of(Notification):
        if notice.channel == "dingtalk-app" and "已解决" not in notice.card.title and not notice.redraws:
            duty = on_call(plan.rosters["duty"], notice.emitted_at, calendar=calendar_of(plan))
            assert notice.to in duty or "又有新增" in str(notice.card.facts)


@settings(max_examples=100, deadline=None)
@given(logs())
def test_an_id_is_one_message(events):
    """No two notifications of a run share their id."""
    ids = [each.notification_id for each in run([*events, Tick(now_ms=HOUR_START_MS + DAY)]).of(Notification)]
    assert len(ids) == len(set(ids))
