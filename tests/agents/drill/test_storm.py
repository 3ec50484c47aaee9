"""The storm of a drill: what it says is what the shipped rules hear, and all of it is marked."""

import json

import pytest

from agents.drill.storm import COMPLAINING, SAID, DrillError, Storm, has_ticket, level_of, place_of
from agents.product import build_product
from agents.settings import Settings
from pipeline.runner import Incoming, Runner
from schemas import topics
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.sla_clocks import TicketClocks
from schemas.tickets import TicketStatus
from schemas.vocabulary import Level

NOW_MS = 1_763_697_600_000
STORM = Storm("spring", 60, 120.0)


def fed(storm):
    """Every stage of the product over a storm; what it publishes."""
    runner = Runner(build_product(Settings()).stages, partition_of=lambda key: 0)
    outputs = []
    for number, each in enumerate(storm.records(started_at_ms=NOW_MS)):
        record = Record(number, NOW_MS + number, each.key, each.value)
        outputs += runner.feed([Incoming(topics.by_name[each.topic], 0, record)])
    return [output.value for output in outputs]


def test_each_conversation_comes_to_its_level():
    """Every sentence is used, and the highest alert of each conversation is the level that was meant."""
    came_to = {}
    for alert in fed(STORM):
        if isinstance(alert, Alert) and alert.conversation_id:
            place = place_of(alert.conversation_id, "spring")
            assert place.conversations == STORM.conversations
            came_to[place.number] = max(came_to.get(place.number, Level.NONE), alert.level, key=lambda each: each.rank)
    assert came_to == {number: level_of(number) for number in range(60) if level_of(number) is not Level.NONE}
    said = {json.loads(each.value).get("text") for each in STORM.records(started_at_ms=NOW_MS)}
    assert {text for texts in SAID.values() for text in texts} <= said


def test_who_complains_in_so_many_words_has_a_ticket():
    """It runs, is answered and solved: its clocks are known, and none of them goes on."""
    newest = {each.ticket_id: each for each in fed(STORM) if isinstance(each, TicketClocks)}
    numbers = [number for number in range(60) if has_ticket(number)]
    assert set(newest) == {STORM.conversation_id(number) for number in numbers}
    assert {each.status for each in newest.values()} == {TicketStatus.SOLVED}
    assert not [clock for each in newest.values() for clock in each.clocks if clock.running]
    assert any(each.clocks for each in newest.values())


def test_everything_that_comes_of_it_is_marked():
    """No record that any stage publishes about it could be taken for the real thing."""
    found = fed(STORM)
    marked = [value for value in found if hasattr(value, "test")]
    assert {value.test for value in marked} == {"spring"}
    unmarked = {type(value).__name__ for value in found if not hasattr(value, "test")}
    assert unmarked <= {"RulesState", "Receipt", "LinkedTicket"}  # links hold ids, and those are the drill's own
    assert not [value for value in found if type(value).__name__ in {"RegionWindow", "Command"}]


def test_the_same_drill_is_the_same_storm():
    """Event by event; another name is another one, and ids say so."""
    one, same = (list(STORM.records(started_at_ms=NOW_MS)) for _ in range(2))
    assert one == same
    assert place_of(STORM.conversation_id(3), "spring") == (3, 60)
    assert place_of(STORM.conversation_id(3), "autumn") is None
    assert place_of("call-1", "spring") is None


def test_the_pace_is_of_conversations_that_complain():
    """Sixty a minute are one a second; there are more conversations than complaints, and three events in each thing."""
    storm = Storm("x", 10, 60.0)
    sent = len(list(storm.records(started_at_ms=NOW_MS)))
    assert storm.events_per_second * COMPLAINING == pytest.approx(sent)


@pytest.mark.parametrize("name", ["", "Spring", "a b", "../x", "x" * 41, "-x"])
def test_a_name_that_would_not_do_is_refused(name):
    """It stands in ids and keys."""
    with pytest.raises(DrillError):
        Storm(name, 1, 1.0)
