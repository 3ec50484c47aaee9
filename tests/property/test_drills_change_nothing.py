"""Drills in general: no unmarked person or group ever hears of one, and the real thing goes on without them."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from pipeline.incidents.drills import takes_drills
from schemas.alerts import Alert
from schemas.deliveries import Notification, Receiver
from schemas.incidents import Incident
from schemas.ticks import Tick
from schemas.vocabulary import AlertKind, Level
from tests.support.alerts import HOUR_START_MS, MINUTE, alert
from tests.support.incidents import PEOPLE, PLAN, high, run


def is_real(value):
    """Whether a record is about the real thing. A receipt names the drill in its incident."""
    if isinstance(value, (Notification, Incident)):
        return not value.test
    return "drill:" not in value.incident_id


def real_of(told):
    """The real records of each incident in their order; the order of incidents among each other means nothing."""
    return sorted(filter(is_real, told.values), key=lambda each: each.incident_id)


@st.composite
def storms(draw):
    """Alerts in earnest and of two drills, of the same conversations, regions and matters, and a clock."""
    events, at_ms = [], 0
    for number in range(1, draw(st.integers(2, 20))):
        at_ms += draw(st.sampled_from([0, 1_000, 20_000, MINUTE, 7 * MINUTE]))
        kind = draw(st.sampled_from(["explicit", "high", "outbreak", "no_data", "surge", "tick", "tick"]))
        test = draw(st.sampled_from(["", "d1", "d2"]))
        if kind == "tick":
            events.append(Tick(now_ms=HOUR_START_MS + at_ms))
            continue
        fields = {"alert_id": f"a{number}", "test": test}
        if kind == "explicit":
            events.append(alert(number, at_ms, **fields))
        elif kind == "high":
            events.append(high(draw(st.integers(1, 3)), at_ms, **fields))
        else:
            about = {"kind": AlertKind(kind), "fingerprint": f"{kind}:1", "level": Level.EXPLICIT, "count": 3}
            events.append(alert(number, at_ms, **fields | about))
    events.append(Tick(now_ms=HOUR_START_MS + at_ms + 90 * MINUTE))
    return events


PLANS = st.builds(
    lambda marked, channel: replace(
        PLAN,
        people={name: replace(person, takes_drills=name in marked) for name, person in PEOPLE.items()},
        drill_channel=channel,
    ),
    st.sets(st.sampled_from(sorted(PEOPLE))),
    st.sampled_from(["", "drills"]),
)


@settings(max_examples=150, deadline=None)
@given(storms(), PLANS)
def test_nobody_unmarked_hears_of_a_drill(events, plan):
    """Neither at first nor when the first way fails; and the card says what it is."""
    for notice in run(events, plan=plan).of(Notification):
        if notice.test:
            for receiver in (Receiver(channel=notice.channel, to=notice.to), *notice.alternatives):
                assert takes_drills(receiver, plan)
            assert notice.card.title.startswith("【演练】")


@settings(max_examples=150, deadline=None)
@given(storms(), PLANS)
def test_a_drill_changes_nothing_real(events, plan):
    """Every real notification and incident is what it would have been without the drills."""
    without = [each for each in events if not (isinstance(each, Alert) and each.test)]
    assert real_of(run(events, plan=plan)) == real_of(run(without, plan=plan))


@settings(max_examples=100, deadline=None)
@given(storms())
def test_a_drill_tells_of_whom_the_real_thing_would_tell(events):
    """The same storm in earnest tells exactly those who stand on the cards of the drill."""
    plan = replace(PLAN, people=PEOPLE)
    storm = [changed(each, test="d1") if isinstance(each, Alert) else each for each in events]
    earnest = [changed(each, test="") if isinstance(each, Alert) else each for each in events]
    drilled = run(storm, plan=plan).of(Notification)
    meant = {(each.emitted_at, receiver) for each in drilled for receiver in each.stands_for}
    told = run(earnest, plan=plan).of(Notification)
    first = {(each.emitted_at, Receiver(channel=each.channel, to=each.to)) for each in told}
    assert meant <= first
    assert {receiver for _, receiver in meant} == {receiver for _, receiver in first}
