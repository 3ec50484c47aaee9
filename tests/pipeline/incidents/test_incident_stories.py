"""Incidents as stories: who is told, when, why, and what a person's answer changes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec import structs

from pipeline.conversation.advice import AdviceBook
from pipeline.incidents.book import IncidentRow
from pipeline.incidents.fold import fold
from pipeline.incidents.grouping import group_of
from pipeline.incidents.plan import Chain, Hours, Route, Step, Target
from pipeline.incidents.roster import Override, Roster, Rotation, Shift
from pipeline.rows import Store
from pipeline.stage import Batch
from schemas.actions import Action, ActionKind, PressedCard, Verdict
from schemas.audits import ActionAudit, ActionResult
from schemas.codec import Record
from schemas.deliveries import BudgetClass, Notification, Outcome, Receipt, Receiver, Result
from schemas.evidence import Evidence
from schemas.incidents import IncidentState
from schemas.ticks import Tick
from schemas.topics import TICKS
from schemas.vocabulary import AlertKind, Level, ReasonGroup
from tests.support.alerts import ATTITUDE, HOUR, HOUR_START_MS, MINUTE, SECOND, alert
from tests.support.incidents import FIRST, LEAD, MANAGER, PLAN, act, high, minutes, run, silence, surge

GROUP = "incident:region:440000:after_sales:level_rise:c0:explicit:e0"


def said(text: str) -> Evidence:
    """What a customer said."""
    return Evidence(
        rule="cue.explicit:投诉", version="v1", utterance_id="u1", char_start=0, char_end=1, text_masked=text
    )


INCIDENT = "incident:conversation:c1:level_rise:c1:explicit:e1"
CHAIN = [
    (0.0, "首次告警", "feishu-app", LEAD),
    (5.0, "无人确认，已升级", "dingtalk-app", FIRST),
    (10.0, "无人确认，已升级", "dingtalk-app", "duty-2"),
    (10.0, "无人确认，已升级", "ops", "group"),
    (20.0, "无人确认，已升级", "sms", MANAGER),
]


def test_nobody_answers():
    """The chain goes to its end, then once more after half an hour, then it is silent."""
    told = run([high(1), *minutes(300)])
    assert told.notices[:5] == CHAIN
    assert [each[0] for each in told.notices[5:]] == [50.0, 55.0, 60.0, 60.0, 70.0]
    assert told.notices[5][1] == "仍未处理，再次提醒"


def test_the_first_message_does_not_wait_for_a_tick():
    """High risk is told in the turn of its alert, from the reserved share, with a way round the vendor."""
    (notice,) = run([high(1)]).of(Notification)
    assert notice.budget_class is BudgetClass.RESERVED
    assert notice.emitted_at == HOUR_START_MS
    assert notice.alternatives == (Receiver(channel="all-hands", to="group"),)


def test_an_acknowledgement_stops_the_chain():
    """In step two somebody takes it: nobody else is told."""
    told = run([high(1), *minutes(7), act(ActionKind.ACK, INCIDENT, 7 * MINUTE), *minutes(30, 8)])
    assert told.notices == CHAIN[:2]
    assert told.incidents[INCIDENT].state is IncidentState.ACKED
    assert told.incidents[INCIDENT].acked_by == FIRST


def test_an_acknowledgement_that_is_forgotten_expires():
    """After half an hour the chain goes on where it stood."""
    told = run([high(1), *minutes(7), act(ActionKind.ACK, INCIDENT, 7 * MINUTE), *minutes(60, 8)])
    assert told.notices[2:5] == [
        (37.0, "确认后仍未解决", "dingtalk-app", "duty-2"),
        (37.0, "确认后仍未解决", "ops", "group"),
        (47.0, "无人确认，已升级", "sms", MANAGER),
    ]


REDRAWING = replace(PLAN, redrawing=frozenset({"feishu-app", "dingtalk-app"}))


def test_cards_say_what_has_become_of_it():
    """Somebody takes it, forgets it, resolves it: each card that was sent is drawn anew each time, before any news."""
    events = [
        high(1), *minutes(7), act(ActionKind.ACK, INCIDENT, 7 * MINUTE), *minutes(38, 8),
        act(ActionKind.RESOLVE, INCIDENT, 38 * MINUTE),
    ]  # fmt: skip
    told = run(events, plan=REDRAWING)
    both = [("feishu-app", LEAD), ("dingtalk-app", FIRST)]
    assert told.redrawn == [
        *((7.0, "已有人确认", *where) for where in both),
        *((37.0, "确认后仍未解决", *where) for where in both),
        *((38.0, "已解决", *where) for where in (*both, ("dingtalk-app", "duty-2"))),
    ]
    cards = [each for each in told.of(Notification) if each.redraws]
    assert len({each.notification_id for each in cards}) == len(cards)
    assert [(each.card.is_acked, each.card.is_over) for each in cards[::3]] == [
        (True, False),
        (False, False),
        (False, True),
    ]
    assert all(not each.alternatives for each in cards)
    last = [each.redraws for each in told.of(Notification) if each.card.is_over]
    assert last == sorted(last, reverse=True)
    assert run(events).redrawn == []


def test_who_presses_brings_what_draws_their_card():
    """What the vendor gave with a press is for the card on which it was pressed, whatever the act; for no other."""
    card = PressedCard(channel="dingtalk-app", to=FIRST, ref="rc")
    for kind, about in ((ActionKind.ACK, {}), (ActionKind.RESOLVE, {}), (ActionKind.VERDICT, FALSE)):
        told = run([high(1), *minutes(6), act(kind, INCIDENT, 7 * MINUTE, card=card, **about)], plan=REDRAWING)
        drawn = {each.channel: each.card_ref for each in told.of(Notification) if each.redraws}
        assert drawn == {"feishu-app": "", "dingtalk-app": "rc"}


FALSE = {"verdict": Verdict.FALSE_ALARM}


JUDGED, QUIET = ("判定", "误报 · duty-1"), ("静默", "至 11-21 13:00 · manager-1")


def judged(at_ms: int) -> Action:
    """Somebody calls it a false alarm."""
    return act(ActionKind.VERDICT, INCIDENT, at_ms, **FALSE)


@pytest.mark.parametrize(
    ("acts", "title", "fact", "is_open"),
    [
        pytest.param([judged(MINUTE)], "【误报】", JUDGED, True, id="open"),
        pytest.param(
            [act(ActionKind.ACK, INCIDENT, MINUTE), judged(2 * MINUTE)],
            "【已确认】",
            JUDGED,
            True,
            id="acknowledged before",
        ),
        pytest.param(
            [act(ActionKind.RESOLVE, INCIDENT, MINUTE), judged(2 * MINUTE)],
            "【已解决】",
            JUDGED,
            False,
            id="resolved before",
        ),
        pytest.param(
            [judged(MINUTE), act(ActionKind.ACK, INCIDENT, 2 * MINUTE)],
            "【已确认】",
            JUDGED,
            True,
            id="acknowledged after",
        ),
        pytest.param([silence(MINUTE, HOUR, incident_id=INCIDENT)], "【已静默】", QUIET, True, id="silenced by its id"),
        pytest.param(
            [silence(MINUTE, HOUR, level="high_risk"), *minutes(5)],
            "【已静默】",
            QUIET,
            True,
            id="silenced by a label: when the chain stands still",
        ),
    ],
)
def test_cards_say_what_people_said(acts, title, fact, is_open):
    """A verdict and a silence are drawn on the card that stands, and stay on it; nobody is told because of them."""
    told = run([high(1), *acts], plan=REDRAWING)
    last = [each for each in told.of(Notification) if each.redraws][-1]
    assert last.card.title.startswith(title)
    assert fact in [(each.name, each.value) for each in last.card.facts]
    assert last.card.is_over is not is_open
    assert len(told.notices) == (1 if is_open else 2)


def test_a_silence_that_is_taken_back_is_drawn():
    """The card no longer says that it is quiet."""
    quiet = silence(MINUTE, 30 * MINUTE, incident_id=INCIDENT)
    back = act(ActionKind.UNSILENCE, "", 2 * MINUTE, MANAGER, silence_id=quiet.action_id)
    told = run([high(1), quiet, back], plan=REDRAWING)
    assert [each[1] for each in told.redrawn] == ["已静默", "静默已结束"]
    assert "静默" not in [fact.name for fact in told.of(Notification)[-1].card.facts]


def test_a_silence_that_begins_later_is_not_drawn_yet():
    """The chain goes on until then."""
    later = silence(10 * MINUTE, HOUR, incident_id=INCIDENT)
    told = run([high(1), structs.replace(later, at=HOUR_START_MS + MINUTE), *minutes(12)], plan=REDRAWING)
    assert told.redrawn == []
    assert [each[0] for each in told.notices] == [0.0, 5.0]
    assert told.incidents[INCIDENT].silenced_by == later.action_id


def test_a_verdict_is_kept_with_its_incident():
    """The last one counts; the same once more changes nothing."""
    right = act(ActionKind.VERDICT, INCIDENT, 2 * MINUTE, verdict=Verdict.TRUE)
    again = act(ActionKind.VERDICT, INCIDENT, 3 * MINUTE, verdict=Verdict.TRUE)
    told = run([high(1), act(ActionKind.VERDICT, INCIDENT, MINUTE, **FALSE), right, again], plan=REDRAWING)
    assert told.incidents[INCIDENT].verdict is Verdict.TRUE
    assert len(told.redrawn) == 2
    assert {each.result for each in told.of(ActionAudit)} == {ActionResult.TAKEN}


def test_the_first_of_two_who_have_to_acknowledge_is_shown():
    """The card says who has, and offers it to the other still."""
    chains = {**PLAN.chains, "high": replace(PLAN.chains["high"], acks_needed=2)}
    told = run([high(1), act(ActionKind.ACK, INCIDENT, MINUTE)], plan=replace(REDRAWING, chains=chains))
    (card,) = [each.card for each in told.of(Notification) if each.redraws]
    assert ("已确认", "duty-1") in [(fact.name, fact.value) for fact in card.facts]
    assert not card.is_acked


def test_who_was_told_is_told_that_it_is_over():
    """One message to each of them; half an hour later the rows are gone."""
    events = [high(1), *minutes(6), act(ActionKind.RESOLVE, INCIDENT, 6 * MINUTE), *minutes(40, 7)]
    told = run(events)
    assert told.notices[2:] == [(6.0, "已解决", "feishu-app", LEAD), (6.0, "已解决", "dingtalk-app", FIRST)]
    assert told.incidents[INCIDENT].state is IncidentState.CLOSED
    assert not [key for key in told.rows if key.startswith((b"case|", b"id|"))]


def test_a_surge_that_is_over_resolves_its_incident():
    """Who was told is told so; the end of a surge that nobody has an incident of opens none."""
    surge = {"kind": AlertKind.SURGE, "fingerprint": "surge:440000:all", "queue": "repair", "level": Level.HIGH_RISK}
    over = alert(2, 3 * MINUTE, tags=("resolved",), **surge)
    told = run([alert(1, tags=("opened",), **surge), *minutes(2), over, *minutes(40, 4)])
    (incident,) = told.incidents.values()
    assert incident.state is IncidentState.CLOSED
    assert [each[1] for each in told.notices] == ["首次告警", "已解决"]
    assert not run([over, *minutes(5, 4)]).incidents


def test_two_have_to_acknowledge_where_the_plan_says_so():
    """The first of two stops nothing."""
    chain = replace(PLAN.chains["high"], acks_needed=2)
    plan = replace(PLAN, chains={**PLAN.chains, "high": chain})
    one = [high(1), *minutes(2), act(ActionKind.ACK, INCIDENT, 2 * MINUTE), *minutes(6, 3)]
    assert run(one, plan=plan).incidents[INCIDENT].state is IncidentState.OPEN
    two = [*one, act(ActionKind.ACK, INCIDENT, 6 * MINUTE, actor="duty-2"), *minutes(30, 7)]
    assert run(two, plan=plan).incidents[INCIDENT].state is IncidentState.ACKED
    assert [each[0] for each in run(two, plan=plan).notices] == [0.0, 5.0]


def test_escalating_by_hand_takes_the_next_step_now():
    """Whoever cannot solve it does not wait for the clock."""
    told = run([high(1), *minutes(1), act(ActionKind.ESCALATE, INCIDENT, MINUTE)])
    assert told.notices == [CHAIN[0], (1.0, "无人确认，已升级", "dingtalk-app", FIRST)]


def test_alerts_of_a_region_wait_for_company():
    """Half a minute after the first one card tells of all; later ones are told together after five minutes."""
    events = [alert(1), alert(2, 10 * SECOND), *minutes(1), alert(3, 90 * SECOND), alert(4, 100 * SECOND), *minutes(9)]
    told = run(events)
    assert [each[:2] for each in told.notices] == [(0.5, "首次告警"), (5.5, "又有新增")]
    titles = [each.card.title for each in told.of(Notification)]
    assert titles == ["△ 明确投诉｜广东｜售后处理｜2 件", "△ 明确投诉｜广东｜售后处理｜4 件"]
    assert [each.count for each in told.incidents.values()] == [4]


def test_a_card_of_several_alerts_quotes_several_customers():
    """The newest three, each once; of one alert its own evidence."""
    says = [
        structs.replace(alert(n, n), evidence=(said(f"第{text}次了，我要投诉"),)) for n, text in enumerate("一二二三四")
    ]
    card = run([*says, *minutes(2)]).of(Notification)[0].card
    assert card.samples == ("第二次了，我要投诉", "第三次了，我要投诉", "第四次了，我要投诉")
    one = structs.replace(alert(1), evidence=(said("我要投诉"), said("今天必须退")))
    assert run([one, *minutes(2)]).of(Notification)[0].card.samples == ("我要投诉", "今天必须退")


def test_a_repeat_is_no_second_alert():
    """The same alert id, once more: counted once, told once."""
    told = run([high(1), high(1), *minutes(1)])
    assert [each.count for each in told.incidents.values()] == [1]
    assert len(told.notices) == 1


def test_a_potential_complaint_opens_nothing():
    """It joins what is open, and is left to the board where nothing is."""
    potential = alert(5, 40 * SECOND, level=Level.POTENTIAL)
    assert [type(each) for each in run([potential, *minutes(5)]).values] == [Receipt]
    assert [each.count for each in run([alert(1), *minutes(0), potential]).incidents.values()] == [2]


def test_what_was_resolved_opens_again_only_at_a_higher_level():
    """The same again is counted; graver than before begins the chain anew."""
    surge = {"kind": AlertKind.SURGE, "fingerprint": "surge:440000", "count": 9}
    name = "incident:surge:440000:level_rise:c1:explicit:e1"
    over = [alert(1, **surge), *minutes(1), act(ActionKind.RESOLVE, name, MINUTE)]
    same = run([*over, alert(2, 2 * MINUTE, **surge), *minutes(5, 3)])
    assert same.incidents[name].state is IncidentState.RESOLVED
    assert same.incidents[name].count == 2
    worse = run([*over, alert(2, 2 * MINUTE, level=Level.HIGH_RISK, queue="repair", **surge), *minutes(3, 3)])
    assert worse.notices[-1] == (2.0, "已解决后再次发生", "feishu-app", LEAD)


def test_a_silence_freezes_the_chain():
    """Nobody is told while it lasts; what is still open is told when it ends, and the chain goes on from there."""
    told = run([silence(0, 30 * MINUTE, level="high_risk"), high(1, MINUTE), *minutes(40)])
    assert [each[0] for each in told.notices] == [30.0, 35.0, 40.0, 40.0]
    assert [(each.reason, each.at) for each in told.of(Receipt)] == [(Outcome.SILENCED, HOUR_START_MS + MINUTE)]


@pytest.mark.parametrize(
    ("changes", "labels"),
    [
        pytest.param({"kind": AlertKind.SELF_HARM}, {"region": "440000"}, id="self-harm is never silenced"),
        pytest.param({"never_silenced": True}, {"region": "440000"}, id="nor what says so itself"),
        pytest.param({}, {"queue": "sales"}, id="another queue"),
        pytest.param({}, {"region": "440000", "queue": "sales"}, id="one of two labels is not enough"),
        pytest.param({}, {"nosuch": ""}, id="a label that does not exist"),
    ],
)
def test_a_silence_that_does_not_hold(changes, labels):
    """The alert is told at once."""
    told = run([silence(0, 30 * MINUTE, **labels), high(1, MINUTE, **changes)])
    assert [each[0] for each in told.notices] == [1.0]


def test_a_silence_can_be_taken_back():
    """From then on alerts are told again."""
    first = silence(0, 30 * MINUTE, level="high_risk")
    back = act(ActionKind.UNSILENCE, "", MINUTE, MANAGER, silence_id=first.action_id)
    assert len(run([first, back, high(1, 2 * MINUTE)]).notices) == 1


def test_what_was_frozen_speaks_when_its_silence_is_taken_back():
    """Of one incident at once; of what matches by other labels within `group_interval`; never only at the old end."""
    for label, minute in (({"incident_id": INCIDENT}, 7.0), ({"level": "high_risk"}, 10.0)):
        quiet = silence(MINUTE, 9 * HOUR, **label)
        back = act(ActionKind.UNSILENCE, "", 7 * MINUTE, MANAGER, silence_id=quiet.action_id)
        told = run([high(1), quiet, *minutes(6, 1), back, *minutes(10, 8)])
        assert [each[0] for each in told.notices] == [0.0, minute]


@pytest.mark.parametrize(
    ("larger", "smaller", "is_muted"),
    [
        pytest.param(high(1), alert(2, SECOND), True, id="high risk mutes explicit of its region and reason"),
        pytest.param(high(1), alert(2, SECOND, reasons=(ATTITUDE,)), False, id="another reason"),
        pytest.param(high(1, region="110000"), alert(2, SECOND), False, id="another region"),
        pytest.param(high(1), high(2, SECOND), False, id="never high risk"),
        pytest.param(high(1), alert(2, SECOND, never_silenced=True), False, id="never where somebody may come to harm"),
        pytest.param(
            alert(1, kind=AlertKind.OUTBREAK, fingerprint="outbreak:x", product="p9"),
            alert(2, SECOND, product="p9"),
            True,
            id="an outbreak mutes its members",
        ),
        pytest.param(
            alert(1, kind=AlertKind.OUTBREAK, fingerprint="outbreak:鼓包", reasons=()),
            alert(2, SECOND, reasons=()),
            False,
            id="an outbreak of one word, that names no product, mutes nothing",
        ),
        pytest.param(
            alert(1, kind=AlertKind.NO_DATA, fingerprint="no_data:x"),
            alert(2, SECOND, kind=AlertKind.SURGE, fingerprint="surge:x"),
            True,
            id="no data mutes a surge of the same place",
        ),
        pytest.param(surge(1), surge(2, city="440300"), True, id="a province mutes its cities"),
        pytest.param(surge(1, reasons=()), surge(2, city="440300"), True, id="with all its reasons too"),
        pytest.param(
            surge(1, reasons=(ATTITUDE,)), surge(2, city="440300"), False, id="another reason of the province"
        ),
        pytest.param(surge(1), surge(2, city="440300", reasons=()), False, id="a city with all its reasons has more"),
        pytest.param(surge(1, city="440300"), surge(2, city="440100"), False, id="a city mutes no other"),
        pytest.param(surge(1, region="310000"), surge(2, city="440300"), False, id="nor another province"),
        pytest.param(surge(1, test="d1"), surge(2, city="440300"), False, id="nor a drill"),
    ],
)
def test_what_is_larger_mutes_what_is_smaller(larger, smaller, is_muted):
    """One card for one matter; what is not told is accounted for."""
    told = run([larger, smaller, *minutes(2)])
    of_smaller = [each for each in told.of(Notification) if smaller.alert_id in each.incident_id]
    assert (not of_smaller) is is_muted
    assert [each.reason for each in told.of(Receipt)] == [Outcome.INHIBITED] * is_muted


def test_what_was_muted_is_told_when_the_larger_is_over():
    """Resolving the high risk case lets the group of its region speak."""
    told = run([high(1), alert(2, SECOND), *minutes(2), act(ActionKind.RESOLVE, INCIDENT, 2 * MINUTE), *minutes(9, 3)])
    assert "ops" in [each[2] for each in told.notices]


def test_nobody_is_on_call():
    """The step waits for the next duty, and the fallback hears of high risk at once."""
    gap = Roster(
        shifts=(Shift(Rotation((FIRST,), date(2020, 1, 1))),),
        overrides=(Override(HOUR_START_MS, HOUR_START_MS + 60 * MINUTE, ()),),
    )
    plan = replace(PLAN, rosters={"duty": gap})
    told = run([high(1), *minutes(62)], plan=plan)
    assert told.notices[1] == (5.0, "无人确认，已升级", "all-hands", "group")
    assert told.notices[2] == (60.0, "无人确认，已升级", "dingtalk-app", FIRST)


def test_a_drill_reaches_nobody_but_the_drill_channel():
    """It walks the same road, in incidents of its own."""
    told = run([high(1), high(1, SECOND, alert_id="other", test="d1"), *minutes(25)])
    drills = [each for each in told.of(Notification) if each.test]
    assert {(each.channel, each.to) for each in drills} == {("drills", "group")}
    assert len(drills) == 4
    assert len([each for each in told.of(Notification) if not each.test]) == 5
    assert all(each.card.title.startswith("【演练】") for each in drills)


def test_a_drill_without_a_channel_is_accounted_for():
    """Nobody is told, and that is said."""
    told = run([high(1, test="d1")], plan=replace(PLAN, drill_channel=""))
    assert told.notices == []
    assert [each.reason for each in told.of(Receipt)] == [Outcome.NOBODY]


NIGHT = Hours(frozenset(range(7)), 0, 6 * 60)


@pytest.mark.parametrize(
    ("step", "is_told"),
    [
        pytest.param(Step((Target("channel", "ops"),), only_within=NIGHT), False, id="outside its hours"),
        pytest.param(Step((Target("channel", "ops"),), only_from_count=2), False, id="too few alerts"),
        pytest.param(Step((Target("channel", "ops"),), only_from_count=1), True, id="enough alerts"),
        pytest.param(Step((Target("lead"),)), False, id="a queue without a lead"),
    ],
)
def test_a_step_may_have_conditions(step, is_told):
    """A step that does not hold tells nobody, and the next one comes in its time."""
    chain = Chain((step, Step((Target("channel", "later"),), after=timedelta(minutes=1))))
    plan = replace(PLAN, chains={"one": chain}, routes=(Route("one"),), fallback_channel="")
    told = run([high(1, queue=""), *minutes(2)], plan=plan)
    assert [each[2] for each in told.notices] == ["ops"] * is_told + ["later"]


@pytest.mark.parametrize(
    ("span", "is_told"),
    [
        pytest.param(timedelta(minutes=10, seconds=1), True, id="the first of three is just within it"),
        pytest.param(timedelta(minutes=10), False, id="the first of three is too old"),
    ],
)
def test_a_step_may_ask_how_many_came_lately(span, is_told):
    """Three alerts in the last so many minutes."""
    often = Step((Target("channel", "often"),), after=timedelta(minutes=10), only_from_count=3, of_last=span)
    chains = {"one": Chain((Step((Target("channel", "ops"),)), often))}
    events = [alert(1), alert(2, MINUTE), alert(3, 2 * MINUTE), *minutes(12, 2)]
    plan = replace(PLAN, chains=chains, routes=(Route("one", group_wait=timedelta(0)),))
    assert ("often" in [each[2] for each in run(events, plan=plan).notices]) is is_told


@pytest.mark.parametrize(
    ("route", "is_told"),
    [
        pytest.param(Route("high", kinds=frozenset({AlertKind.LEVEL_RISE})), True, id="kind"),
        pytest.param(Route("high", kinds=frozenset({AlertKind.SURGE})), False, id="another kind"),
        pytest.param(Route("high", regions=frozenset({"110000"})), False, id="another region"),
        pytest.param(Route("high", reasons=frozenset({ReasonGroup.AFTER_SALES})), True, id="reason"),
        pytest.param(Route("high", queues=frozenset({"repair"})), True, id="queue"),
        pytest.param(Route("high", queues=frozenset({"sales"})), False, id="another queue"),
        pytest.param(Route(""), False, id="a route that only records"),
    ],
)
def test_routes(route, is_told):
    """The first route that matches wins; without one nobody is told."""
    assert bool(run([high(1)], plan=replace(PLAN, routes=(route,))).notices) is is_told


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        pytest.param(high(1), high(1, kind=AlertKind.SELF_HARM), True, id="two alerts of one conversation"),
        pytest.param(high(1), high(2), False, id="two conversations at high risk"),
        pytest.param(alert(1), alert(2), True, id="same region and reason"),
        pytest.param(alert(1), alert(2, region="110000"), False, id="another region"),
        pytest.param(alert(1), alert(2, reasons=(ATTITUDE,)), False, id="another reason"),
        pytest.param(alert(1), alert(2, test="d1"), False, id="a drill"),
        pytest.param(alert(1, test="d1"), alert(2, test="d2"), False, id="two drills"),
    ],
)
def test_what_belongs_together(one, other, is_same):
    """One incident per conversation at high risk, else per region and reason."""
    assert (group_of(one).key == group_of(other).key) is is_same


def test_a_storm_does_not_publish_itself_again_and_again():
    """Two thousand alerts of one group are counted one by one and published now and then; in the end all of them."""
    storm = [alert(number, number) for number in range(2_011)]
    told = run([*storm, Tick(now_ms=HOUR_START_MS + 12 * SECOND)])
    assert len(told.values) < 200
    (incident,) = told.incidents.values()
    assert incident.count == 2_011
    assert len(incident.members) == 200


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(act(ActionKind.RESOLVE, GROUP, SECOND), id="resolved"),
        pytest.param(act(ActionKind.ACK, GROUP, SECOND), id="acknowledged"),
    ],
)
def test_what_joins_late_is_counted_too(ends):
    """Nobody is told of it any more, and the board knows how many there were."""
    late = [alert(number, SECOND + number) for number in range(100, 131)]
    told = run([*(alert(number) for number in range(31)), ends, *late, Tick(now_ms=HOUR_START_MS + 12 * SECOND)])
    (incident,) = told.incidents.values()
    assert incident.count == 62


@pytest.mark.parametrize(
    ("one", "routes", "reason"),
    [
        pytest.param(alert(1, level=Level.POTENTIAL), PLAN.routes, Outcome.NO_INCIDENT, id="a potential complaint"),
        pytest.param(alert(1), (), Outcome.NO_INCIDENT, id="no route"),
        pytest.param(alert(1), (Route(""),), Outcome.RECORD_ONLY, id="a route that only records"),
        pytest.param(
            alert(1, kind=AlertKind.SURGE, fingerprint="surge:1", tags=("resolved",)), PLAN.routes,
            Outcome.NO_INCIDENT, id="the end of what was not known",
        ),
    ],
)  # fmt: skip
def test_an_alert_of_which_nobody_hears_is_accounted_for(one, routes, reason):
    """A receipt says why; none where somebody is told."""
    told = run([one, *minutes(3)], plan=replace(PLAN, routes=routes))
    assert [(each.result, each.reason) for each in told.of(Receipt)] == [(Result.SUPPRESSED, reason)]
    assert told.notices == []
    assert run([high(1), *minutes(1)]).of(Receipt) == []


def test_a_tick_asks_once_what_is_due():
    """It comes every second, also for whoever has thousands of incidents."""

    class Asked(Store):
        asked = 0

        def due(self, now_ms):
            self.asked += 1
            return super().due(now_ms)

    store = Asked(IncidentRow)
    fold(Batch(TICKS, 0, minutes(0), [Record(0, 0, None, b"")]), store, plan=PLAN, advice=AdviceBook())
    assert store.asked == 1
