"""Which pack `--rollback` returns to, whatever the workers refused in between."""

import msgspec
import pytest

from agents.packs import Standing, nothing_for, rolled_back, with_way_back
from agents.stages.conversations import conversations_stage
from pipeline.conversation.ruled import Ruleset
from pipeline.rulebook import Rulebook
from pipeline.rules.load import load_pack
from pipeline.runner import Incoming, Runner
from schemas import codec
from schemas.codec import Record
from schemas.rules import RulesPack, RulesState, Slot
from schemas.topics import RULES_PACKS, RULES_STATES
from tests.support.conversations import compiled
from tests.support.packs import NOON_MS, files_with, push

OWN = load_pack()
A, C = push(files_with("青山绿水桥")), push(files_with("第三个词语"))
B = msgspec.structs.replace(push(files_with("另外的词语")), content=b"written by a newer tocsin")


class Broker:
    """Both topics of the rule packs, with two partitions of a worker that reads them."""

    def __init__(self) -> None:
        book: Rulebook[Ruleset] = Rulebook(compiled(OWN), OWN.version, compiled)
        self._runner = Runner([conversations_stage(book)], partition_of=lambda key: 0)
        self._standing = Standing({}, {}, 2)
        self._now_ms = NOON_MS

    def push(self, pack: RulesPack) -> str:
        """What `tocsin rules push` does; the version that is live then."""
        self._now_ms += 1
        pack = msgspec.structs.replace(pack, at=self._now_ms)
        for each in with_way_back(pack, self._standing):
            self._standing.packs[each.slot] = each
            value, headers = codec.encode_record(each)
            record = Record(0, self._now_ms, each.slot.encode(), value, headers)
            for output in self._runner.feed([Incoming(RULES_PACKS, number, record) for number in range(2)]):
                if output.topic is RULES_STATES and isinstance(output.value, RulesState):
                    self._standing.states[output.value.partition] = output.value
        (live,) = {state.live for state in self._standing.states.values()}
        return live

    def roll_back(self) -> str:
        """What `--rollback` does."""
        return self.push(rolled_back(self._standing, at_ms=0, by="tests", note=""))


@pytest.mark.parametrize(
    ("pushed", "expected"),
    [
        pytest.param([A], [OWN.version, A.version], id="the workers' own, and forward again"),
        pytest.param([A, C], [A.version, C.version, A.version], id="to and fro"),
        pytest.param([A, B, C], [A.version, C.version], id="a refused one in between was never live"),
        pytest.param([A, B, B, C], [A.version, C.version], id="refused twice"),
        pytest.param([A, B], [A.version], id="refused last: what is in force is sent, and ends the alert"),
        pytest.param([B, C], [OWN.version, C.version], id="refused first"),
        pytest.param([A, nothing_for(Slot.LIVE, at_ms=0, by="", note=""), C], [OWN.version], id="an emptied slot"),
    ],
)
def test_where_a_rollback_goes(pushed, expected):
    """Each `--rollback` after these pushes."""
    broker = Broker()
    for pack in pushed:
        broker.push(pack)
    assert [broker.roll_back() for _ in expected] == expected
