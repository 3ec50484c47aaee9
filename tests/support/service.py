"""Conversations as agents and customers really talk, through the real rules: for tests of service quality."""

from collections.abc import Sequence
from typing import Any

from agents.product import build_product
from agents.settings import Settings
from pipeline.rows import Store
from pipeline.stage import Stage, Waiting, open_waiting, take_turn
from schemas import codec
from schemas.codec import Record
from schemas.quality import FindingState, ServiceFinding, ServiceSummary
from schemas.ticks import Tick
from schemas.topics import MESSAGES, TICKS, UTTERANCES
from schemas.vocabulary import Role
from tests.support.conversations import NOON_MS, message, utterance

STAGE = build_product(Settings()).stages[0]
AGENT, BOT = Role.AGENT, Role.BOT


class Talk:
    """One partition of the conversations stage. Records are logged `delay_ms` after they happened."""

    def __init__(self, *, delay_ms: int = 40, stage: Stage[Any] = STAGE) -> None:
        self.stage = stage
        self.store: Store[Any] = stage.new_store()
        self.clock_ms = 0
        self.delay_ms = delay_ms
        self.outputs: list[Any] = []
        self._number = 0

    def call(self, at_ms: int, text: str, role: Role = Role.CUSTOMER, **changes: Any) -> list[Any]:
        """Somebody says something on the phone."""
        self._number += 1
        return self.take(utterance(self._number, at_ms, text=text, role=role, **{"agent_id": "a1"} | changes))

    def chat(self, at_ms: int, text: str, role: Role = Role.CUSTOMER, **changes: Any) -> list[Any]:
        """Somebody writes something."""
        self._number += 1
        return self.take(message(self._number, at_ms, text=text, role=role, **{"agent_id": "a1"} | changes))

    def take(self, event: Any) -> list[Any]:
        """One event, through the bytes that it has on the topic."""
        topic = UTTERANCES if event.SCHEMA.startswith("call.") else MESSAGES
        value, headers = codec.encode_record(event)
        key = event.conversation_id.encode()
        return self._turn(topic, Record(self._number, event.occurred_at + self.delay_ms, key, value, headers))

    def tick(self, at_ms: int) -> list[Any]:
        """The log's clock says so."""
        now_ms = NOON_MS + at_ms
        value, headers = codec.encode_record(Tick(now_ms=now_ms))
        return self._turn(TICKS, Record(0, now_ms, b"0", value, headers))

    def _turn(self, topic: Any, record: Record) -> list[Any]:
        opened = open_waiting(self.stage, [Waiting(topic, [record])], partition=0)
        turn = take_turn(self.stage, self.store, opened, clock_ms=self.clock_ms)
        assert not turn.refusals, turn.refusals
        self.store.apply(turn.changes, now_ms=turn.clock_ms)
        self.clock_ms = turn.clock_ms
        values = [output.value for output in turn.outputs]
        self.outputs += values
        return values

    @property
    def checks(self) -> list[str]:
        """The checks that were told and still stand, in order."""
        withdrawn = {each.finding_id for each in self.findings if each.state is FindingState.WITHDRAWN}
        return [each.check for each in self.findings if each.finding_id not in withdrawn]

    @property
    def findings(self) -> Sequence[ServiceFinding]:
        """Every finding record."""
        return [each for each in self.outputs if isinstance(each, ServiceFinding)]

    @property
    def summary(self) -> ServiceSummary:
        """The newest summary."""
        return [each for each in self.outputs if isinstance(each, ServiceSummary)][-1]
