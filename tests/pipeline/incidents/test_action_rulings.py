"""What becomes of an action: taken once, by whoever may, in time; and every one of them is in the audit."""

import dataclasses

import pytest
from msgspec.structs import replace

from pipeline.conversation.advice import AdviceBook
from pipeline.incidents.book import IncidentRow
from pipeline.incidents.fold import fold
from pipeline.incidents.plan import Person
from pipeline.incidents.roles import Role
from pipeline.incidents.rulings import REMEMBERED_MS, group_actor
from pipeline.rows import Store, encode_row
from pipeline.stage import Batch
from schemas.actions import ActionKind, ActionSource, Matcher, Silence, Verdict
from schemas.audits import ActionAudit, ActionResult
from schemas.codec import Record
from schemas.deliveries import Notification
from schemas.incidents import IncidentState
from schemas.ticks import Tick
from schemas.topics import ACTIONS, ALERTS
from tests.support.alerts import DAY, HOUR, HOUR_START_MS, MINUTE
from tests.support.incidents import FIRST, MANAGER, PLAN, act, high, minutes, run

INCIDENT = "incident:conversation:c1:level_rise:c1:explicit:e1"

OTHER = INCIDENT.replace("c1", "c2").replace("e1", "e2")


def linked(kind: ActionKind, at_ms: int, actor: str = FIRST, **changes):
    """An action by a link that is good for an hour from the start."""
    made = act(kind, INCIDENT, at_ms, actor, **changes)
    return replace(made, source=ActionSource.LINK, action_id="link-1", not_after=HOUR_START_MS + HOUR)


def results(told) -> list[ActionResult]:
    """What became of each action, in order."""
    return [each.result for each in told.of(ActionAudit)]


def test_an_action_stands_in_the_audit():
    """Who, by which way, when, about what."""
    (audit,) = run([high(1), linked(ActionKind.ACK, MINUTE, note="客户手机13800138000，已联系")]).of(ActionAudit)
    assert (audit.actor, audit.source, audit.at) == (FIRST, ActionSource.LINK, HOUR_START_MS + MINUTE)
    assert (audit.action, audit.incident_id, audit.result) == (ActionKind.ACK, INCIDENT, ActionResult.TAKEN)
    assert "13800138000" not in audit.note
    assert "已联系" in audit.note


def test_a_link_works_once():
    """The second time is refused, also after the acknowledgement expired, and changes nothing."""
    again = [*minutes(40), linked(ActionKind.ACK, 40 * MINUTE)]
    told = run([high(1), linked(ActionKind.ACK, MINUTE), linked(ActionKind.ACK, MINUTE), *again])
    assert results(told) == [ActionResult.TAKEN, ActionResult.REPEATED, ActionResult.REPEATED]
    assert told.incidents[INCIDENT].state is IncidentState.OPEN


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_where_the_log_is_cut_makes_no_difference(cut):
    """A used link is among the rows, so a restart between the two knows it."""
    events = [high(1), linked(ActionKind.ACK, MINUTE), linked(ActionKind.ACK, 2 * MINUTE)]
    assert results(run(events, cuts={cut})) == [ActionResult.TAKEN, ActionResult.REPEATED]


@pytest.mark.parametrize(
    ("at_ms", "result"),
    [
        pytest.param(HOUR, ActionResult.TAKEN, id="at its last moment"),
        pytest.param(HOUR + 1, ActionResult.EXPIRED, id="a millisecond later"),
    ],
)
def test_a_link_expires(at_ms, result):
    """And is not used up by that."""
    told = run([high(1), linked(ActionKind.ACK, at_ms)])
    assert results(told) == [result]
    assert any(b"done|" in key for key in told.rows) is (result is ActionResult.TAKEN)


@pytest.mark.parametrize(
    ("kind", "actor", "source", "result"),
    [
        pytest.param(ActionKind.ACK, FIRST, ActionSource.LINK, ActionResult.TAKEN, id="an operator acknowledges"),
        pytest.param(ActionKind.SILENCE, FIRST, ActionSource.LINK, ActionResult.NOT_ALLOWED, id="and may not silence"),
        pytest.param(ActionKind.SILENCE, MANAGER, ActionSource.CARD, ActionResult.TAKEN, id="an administrator may"),
        pytest.param(ActionKind.ACK, "nobody", ActionSource.CARD, ActionResult.NOT_ALLOWED, id="a stranger"),
        pytest.param(ActionKind.ACK, group_actor("ops"), ActionSource.LINK, ActionResult.TAKEN, id="a group"),
        pytest.param(ActionKind.SILENCE, group_actor("ops"), ActionSource.LINK, ActionResult.NOT_ALLOWED, id="no more"),
        pytest.param(
            ActionKind.SILENCE, FIRST, ActionSource.CLI, ActionResult.NOT_ALLOWED, id="the same at a terminal"
        ),
        pytest.param(ActionKind.SILENCE, "root", ActionSource.CLI, ActionResult.TAKEN, id="an account of the machine"),
        pytest.param(ActionKind.SILENCE, "desk", ActionSource.BOARD, ActionResult.TAKEN, id="the board judged its own"),
    ],
)
def test_a_role_decides(kind, actor, source, result):
    """The same table for every way."""
    silence = None
    if kind is ActionKind.SILENCE:
        matchers = (Matcher(name="incident_id", value=INCIDENT),)
        silence = Silence(matchers=matchers, starts_at=HOUR_START_MS, ends_at=HOUR_START_MS + HOUR)
    made = replace(act(kind, INCIDENT, MINUTE, actor, silence=silence), source=source)
    assert results(run([high(1), made])) == [result]


def test_a_viewer_only_looks():
    """Somebody who is told, and may do nothing."""
    people = {**PLAN.people, FIRST: Person(("sms",), Role.VIEWER)}
    told = run([high(1), linked(ActionKind.ACK, MINUTE)], plan=dataclasses.replace(PLAN, people=people))
    assert results(told) == [ActionResult.NOT_ALLOWED]
    assert told.incidents[INCIDENT].state is IncidentState.OPEN


def test_what_cannot_be_done_any_more():
    """Of an incident that is resolved, and of one that never was."""
    resolve = act(ActionKind.RESOLVE, INCIDENT, MINUTE)
    told = run([high(1), resolve, act(ActionKind.ACK, INCIDENT, 2 * MINUTE), act(ActionKind.ACK, "other", 3 * MINUTE)])
    assert results(told) == [ActionResult.TAKEN, ActionResult.UNCHANGED, ActionResult.UNKNOWN_INCIDENT]


def test_a_verdict_and_a_comment_may_come_late():
    """Whether an alert was right is often known when it is over."""
    verdict = act(ActionKind.VERDICT, "other", MINUTE, verdict=Verdict.FALSE_ALARM)
    told = run([verdict, act(ActionKind.COMMENT, "other", MINUTE, note="打错了")])
    assert results(told) == [ActionResult.TAKEN, ActionResult.TAKEN]
    assert told.of(ActionAudit)[0].verdict is Verdict.FALSE_ALARM


def test_a_silence_of_one_incident_freezes_that_one():
    """The other one of the same region and level goes on."""
    matchers = (Matcher(name="incident_id", value=INCIDENT),)
    silence = Silence(matchers=matchers, starts_at=HOUR_START_MS, ends_at=HOUR_START_MS + HOUR)
    made = act(ActionKind.SILENCE, INCIDENT, MINUTE, MANAGER, silence=silence)
    told = run([high(1), high(2), made, *minutes(30, 1)])
    assert {each.incident_id for each in told.of(Notification) if each.step} == {OTHER}


def test_memory_ends():
    """A day later the id is forgotten: nothing is kept for ever."""
    told = run([high(1), linked(ActionKind.ACK, MINUTE), Tick(now_ms=HOUR_START_MS + MINUTE + REMEMBERED_MS)])
    assert not [key for key in told.rows if b"done|" in key]


def test_a_link_is_remembered_for_as_long_as_it_is_good():
    """A day is not enough for one that is good for three: it would work a second time."""
    first = replace(linked(ActionKind.ACK, MINUTE), not_after=HOUR_START_MS + 3 * DAY)
    second = replace(first, at=HOUR_START_MS + 2 * DAY)
    told = run([high(1), first, Tick(now_ms=HOUR_START_MS + 2 * DAY), second])
    assert results(told) == [ActionResult.TAKEN, ActionResult.REPEATED]


def test_a_clock_that_is_ahead_lets_no_chain_run():
    """Whoever acts has a clock of their own; when the record was written is what counts."""
    ahead = act(ActionKind.ACK, INCIDENT, 5 * HOUR)
    store: Store[IncidentRow] = Store(IncidentRow)
    opened = fold(
        Batch(ALERTS, 0, [high(1)], [Record(0, HOUR_START_MS, None, b"")]), store, plan=PLAN, advice=AdviceBook()
    )
    store.load((key, encode_row(row)) for key, row in opened.changes.items())
    store.loaded(now_ms=0)
    written_ms = HOUR_START_MS + MINUTE
    effects = fold(
        Batch(ACTIONS, 0, [ahead], [Record(0, written_ms, None, b"")]), store, plan=PLAN, advice=AdviceBook()
    )
    values = [each.value for each in effects.outputs]
    assert [each.at for each in values if isinstance(each, ActionAudit)] == [written_ms]
    assert not [each for each in values if isinstance(each, Notification)]
