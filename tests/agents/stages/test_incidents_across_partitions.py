"""Incidents of several partitions as the engine runs them: what crosses from one to another goes through the log."""

import pytest

from agents.stages.incidents import incidents_stage
from pipeline.conversation.advice import AdviceBook
from pipeline.runner import Incoming, Runner
from schemas import codec
from schemas.codec import Record
from schemas.deliveries import Notification, Outcome, Receipt
from schemas.topics import ALERTS, TICKS
from schemas.vocabulary import AlertKind
from tests.support.alerts import SECOND, alert
from tests.support.incidents import PLAN, minutes

PARTITIONS = 3
PLACES = {b"440000": 0, b"310000": 1, b"110000": 2, b"a7": 1}

OUTBREAK = alert(9, kind=AlertKind.OUTBREAK, fingerprint="outbreak:x", product="p9")
MEMBER = alert(1, 5 * SECOND, region="310000", product="p9", agent_id="a7", conversation_id="c1")
OTHER = alert(2, 6 * SECOND, region="440000", agent_id="a7", conversation_id="c2")
THIRD = alert(3, 7 * SECOND, region="110000", agent_id="a7", conversation_id="c3")


def place_of(key):
    """The regions of this test on partitions of their own, the agent on one of them."""
    return PLACES.get(key, 0)


def records():
    """Four alerts, each a second of its own, then five minutes of ticks on every partition."""
    for number, each in enumerate((OUTBREAK, MEMBER, OTHER, THIRD)):
        key = each.region.encode()
        yield Incoming(ALERTS, place_of(key), Record(number, each.emitted_at, key, codec.encode(each)))
    for number, tick in enumerate(minutes(5, 1)):
        for partition in range(PARTITIONS):
            yield Incoming(TICKS, partition, Record(number, tick.now_ms, None, codec.encode(tick)))


@pytest.mark.parametrize("most", [1, 2, 1_000])
def test_what_crosses_partitions(most):
    """A member of an outbreak elsewhere is muted and accounted for; an agent's complaints of three regions meet."""
    runner = Runner([incidents_stage(PLAN, advice=AdviceBook())], partition_of=place_of)
    values = [output.value for output in runner.feed(records(), most=most)]
    told = {each.card.title for each in values if isinstance(each, Notification)}
    assert told == {
        "△ 明确投诉｜广东｜集中爆发｜1 件",
        "△ 明确投诉｜广东｜售后处理｜1 件",
        "△ 明确投诉｜北京｜售后处理｜1 件",
        "△ 明确投诉｜北京｜同一坐席连续投诉｜3 件",
    }
    (muted,) = (each for each in values if isinstance(each, Receipt))
    assert (muted.reason, muted.muted_by) == (Outcome.INHIBITED, "outbreak:refund:p9:")
    assert MEMBER.alert_id in muted.incident_id
