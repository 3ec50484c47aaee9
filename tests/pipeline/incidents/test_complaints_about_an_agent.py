"""Several complaints about one agent within minutes are a matter of their own, wherever the customers live."""

from typing import Any

import pytest

from schemas.alerts import Alert
from schemas.crossings import AgentComplaint
from schemas.deliveries import Notification
from schemas.vocabulary import AlertKind, Level
from tests.support.alerts import DAY, HOUR_START_MS, MINUTE, alert
from tests.support.incidents import high, minutes, run

REGIONS = ("440000", "310000", "110000", "unknown", "320000", "330000")


def about_agent(number: int, at_minute: int, **changes: Any) -> list[AgentComplaint]:
    """A conversation of agent a7 became a complaint."""
    fields = {"agent_id": "a7", "conversation_id": f"c{number}", "region": REGIONS[number]} | changes
    return run([alert(number, at_minute * MINUTE, **fields)]).of(AgentComplaint)


@pytest.mark.parametrize(
    ("complaints", "counts"),
    [
        pytest.param([(1, 0), (2, 4), (3, 9)], [3], id="three within ten minutes"),
        pytest.param([(1, 0), (2, 4), (3, 10)], [], id="the first one is ten minutes old"),
        pytest.param([(1, 0), (2, 4), (2, 9)], [], id="one conversation counts once"),
        pytest.param([(1, 9), (2, 4), (3, 0)], [3], id="in whatever order they come"),
        pytest.param([(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)], [3], id="of five, three are told"),
        pytest.param([(number, number) for number in range(6)], [3, 3], id="and the next three again"),
    ],
)
def test_three_within_ten_minutes(complaints, counts):
    """In the region of the one that made it so; the next time there too, so that it is one incident."""
    heard = [each for number, at_minute in complaints for each in about_agent(number, at_minute)]
    alerts = run(heard).of(Alert)
    assert [each.count for each in alerts] == counts
    assert len({each.region for each in alerts}) == len({each.fingerprint for each in alerts}) == min(len(counts), 1)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"agent_id": ""}, id="no agent is known"),
        pytest.param({"level": Level.POTENTIAL}, id="no complaint yet"),
        pytest.param({"level": Level.HIGH_RISK, "previous_level": Level.EXPLICIT}, id="it was one before"),
        pytest.param({"kind": AlertKind.PROMISE}, id="no rise"),
    ],
)
def test_what_does_not_count(changes):
    """Only a conversation that became a complaint."""
    assert about_agent(1, 0, **changes) == []


def test_the_alert_is_an_incident_with_a_card():
    """It names agent and conversations on the card; the agent's id is in no id that the board shows."""
    heard = [each for number in range(3) for each in about_agent(number, number)]
    (told,) = run(heard).of(Alert)
    assert (told.kind, told.level, told.agent_id, told.region) == (
        AlertKind.AGENT_COMPLAINTS,
        Level.EXPLICIT,
        "a7",
        "110000",
    )
    assert told.tags == ("c0", "c1", "c2")
    assert "a7" not in f"{told.alert_id} {told.fingerprint}"
    (notice,) = run([told, *minutes(5)]).of(Notification)
    facts = {each.name: each.value for each in notice.card.facts}
    assert notice.card.title == "△ 明确投诉｜北京｜同一坐席连续投诉｜3 件"
    assert (facts["坐席"], facts["会话"]) == ("a7", "c0、c1、c2")
    assert "客户" not in facts


def test_a_drill_is_counted_apart():
    """Two of a drill and one in earnest are no three."""
    drilled = [each for number in range(2) for each in about_agent(number, number, test="d1")]
    assert run([*drilled, *about_agent(2, 2)]).of(Alert) == []
    (told,) = run([*drilled, *about_agent(2, 2, test="d1")]).of(Alert)
    assert told.test == "d1"


def test_what_is_remembered_of_an_agent_goes_after_a_day():
    """The row is gone; a high-risk rise counts as well."""
    (heard,) = run([high(1, agent_id="a7")]).of(AgentComplaint)
    assert b"agent|a7" in run([heard]).rows
    assert run([heard, *minutes(0), *minutes(1441, 1441)]).rows == {}
    assert heard.occurred_at + DAY == HOUR_START_MS + DAY
