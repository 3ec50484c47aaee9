"""Offers: who gets which buttons, and what comes of pressing one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec.structs import replace as changed

from pipeline.answers.acts import MEANINGS, Act
from pipeline.answers.offers import SILENCE_MS, action_of, is_meant_for, offers_of
from pipeline.incidents.plan import Person, milliseconds
from pipeline.incidents.roles import Role
from schemas.actions import ActionKind, ActionSource
from schemas.audits import ActionAudit, ActionResult
from schemas.deliveries import Notification
from tests.support.alerts import HOUR_START_MS, MINUTE
from tests.support.incidents import FIRST, MANAGER, PLAN, high, run

LASTS_MS = milliseconds(timedelta(hours=12))
OPERATORS = {Act.ACK, Act.RESOLVE, Act.FALSE_ALARM, Act.HANDLED, Act.RIGHT, Act.COMMENT}
(NOTICE,) = run([high(1)]).of(Notification)


def offers(to: str, channel: str = "sms", plan=PLAN):
    """The offers of one notification."""
    return offers_of(changed(NOTICE, to=to, channel=channel), plan, lasts_ms=LASTS_MS)


@pytest.mark.parametrize(
    ("to", "acts"),
    [
        pytest.param(FIRST, OPERATORS, id="an operator"),
        pytest.param(MANAGER, set(Act), id="an administrator may silence"),
        pytest.param("group", OPERATORS, id="a group"),
        pytest.param("stranger", set(), id="somebody who is not of the plan"),
    ],
)
def test_a_role_decides_which_buttons_there_are(to, acts):
    """The same table as for the board."""
    assert {each.act for each in offers(to)} == acts


def test_a_viewer_gets_none():
    """They are told and do nothing."""
    people = {**PLAN.people, FIRST: Person(("sms",), Role.VIEWER)}
    assert offers(FIRST, plan=replace(PLAN, people=people)) == ()


def test_when_it_is_over_nothing_is_offered():
    """The message that an incident is resolved has no buttons to act with."""
    over = changed(NOTICE, card=changed(NOTICE.card, is_over=True))
    assert offers_of(over, PLAN, lasts_ms=LASTS_MS) == ()


def test_what_somebody_has_is_not_offered_again():
    """A card that says who has it offers everything but to take it."""
    acked = changed(NOTICE, card=changed(NOTICE.card, is_acked=True))
    one, other = ({each.act for each in offers_of(of, PLAN, lasts_ms=LASTS_MS)} for of in (NOTICE, acked))
    assert one - other == {Act.ACK}


def test_a_repeat_makes_the_same_offers():
    """So what was sent twice is good for one use; each act and each notification has a nonce of its own."""
    first, again = offers(MANAGER), offers(MANAGER)
    assert first == again
    other = offers_of(changed(NOTICE, notification_id="other", to=MANAGER), PLAN, lasts_ms=LASTS_MS)
    assert len({each.nonce for each in (*first, *other)}) == 2 * len(Act)
    assert {each.not_after_ms for each in first} == {HOUR_START_MS + LASTS_MS}


@pytest.mark.parametrize("offer", offers(MANAGER), ids=lambda offer: offer.act)
def test_each_act_is_taken_by_the_stage(offer):
    """Once; the second time it is refused."""
    made = action_of(
        offer, actor=MANAGER, source=ActionSource.LINK, note="客户手机13800138000", now_ms=HOUR_START_MS + MINUTE
    )
    assert made.action is MEANINGS[offer.act].kind
    assert "13800138000" not in made.note
    told = run([high(1), made, made])
    assert [each.result for each in told.of(ActionAudit)] == [ActionResult.TAKEN, ActionResult.REPEATED]
    if made.action is ActionKind.SILENCE:
        assert made.silence.ends_at - made.silence.starts_at == SILENCE_MS


def test_a_link_used_as_a_button_is_the_same_offer():
    """Both ways lead to one use."""
    offer = next(each for each in offers(MANAGER) if each.act is Act.ACK)
    first, second = (
        action_of(offer, actor=MANAGER, source=source, note="", now_ms=HOUR_START_MS + MINUTE)
        for source in (ActionSource.LINK, ActionSource.CARD)
    )
    told = run([high(1), first, second])
    assert [each.result for each in told.of(ActionAudit)] == [ActionResult.TAKEN, ActionResult.REPEATED]


def test_whose_an_offer_is():
    """A person's is theirs alone; a group's is anybody's whom the vendor names."""
    mine, ours = offers(FIRST)[0], offers("group", "ops")[0]
    assert is_meant_for(mine, FIRST)
    assert not is_meant_for(mine, MANAGER)
    assert is_meant_for(ours, MANAGER)
