"""Two packs at work on the same records: the very stages of a worker, in memory, with a clock made from the records."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agents.engine.transactions import partition_of
from agents.product import build_product
from agents.settings import Settings
from pipeline.backtest.ledger import Ledger
from pipeline.runner import Incoming, Runner
from pipeline.stage import Stage
from pipeline.times import MINUTE_MS
from schemas import codec
from schemas.alerts import Alert
from schemas.codec import Raw, Record
from schemas.deadletters import DeadLetter
from schemas.ticks import Tick
from schemas.topics import MESSAGES, TICKS, UTTERANCES

# What customers and agents say. Texts of tickets and comments of surveys are on `chats.messages` by now; what else
# these stages read they write themselves, and the clock that was recorded is no older than six hours.
TOPICS = (UTTERANCES, MESSAGES)
WARM_UP_MS = 60 * 60 * 1000  # read before the first moment, so that a conversation under way is known

_JUDGING = {"conversations", "customers"}
_LONGEST_SILENCE_MINUTES = 48 * 60  # by then every row has expired: one tick says the rest


class Pack(NamedTuple):
    """A pack, built."""

    version: str
    stages: tuple[Stage[Any], ...]


def build_pack(settings: Settings, rules_dir: Path | None) -> Pack:
    """The stages that judge conversations, by the pack of a folder; raises what is wrong with it."""
    product = build_product(settings.model_copy(update={"rules_dir": rules_dir}))
    return Pack(product.rules_version, tuple(stage for stage in product.stages if stage.name in _JUDGING))


class Sides:
    """Feeds what it is given to each pack, and notes what each would have told."""

    def __init__(
        self,
        packs: Sequence[Pack],
        *,
        partitions: int,
        since_ms: int,
        until_ms: int,
        labelled: Collection[str] = frozenset(),
    ) -> None:
        self._partitions = partitions
        self._since_ms, self._until_ms = since_ms, until_ms
        self._labelled = {conversation_id.encode(): conversation_id for conversation_id in labelled}
        self._heard: set[str] = set()  # of those alone: a week has millions of others
        self.heard = 0  # records between the two moments
        self.refused = 0  # of them, how many no pack could read
        self.first_refused = ""  # what was expected of one
        self._minute = 0
        self._ticked = 0
        self.ledgers = [Ledger(since_ms=since_ms, until_ms=until_ms) for _ in packs]
        self._runners = [Runner(pack.stages, partition_of=self.place) for pack in packs]

    def place(self, key: bytes) -> int:
        """The partition of a key."""
        return partition_of(key, self._partitions)

    def occurred(self, conversation_id: str) -> bool:
        """Whether a labelled conversation was heard between the two moments, or any was told of then."""
        return conversation_id in self._heard or any(conversation_id in ledger for ledger in self.ledgers)

    def feed(self, records: Iterable[Incoming]) -> None:
        """Records in the order of their times; between two minutes comes a tick, as it does in a log."""
        together: list[Incoming] = []
        for each in records:
            minute = (each.record.timestamp or 0) // MINUTE_MS
            if minute > self._minute:
                self._run(together)
                together = []
                self._tick_until(minute)
            together.append(each)
            self._hear(each.record)
        self._run(together)

    def end(self) -> None:
        """The silence after the last record, in which what was waited for comes due."""
        self._tick_until(self._minute + 60)

    def _hear(self, record: Raw) -> None:
        if self._since_ms <= (record.timestamp or 0) < self._until_ms:
            self.heard += 1
            name = self._labelled.get(record.key or b"")  # the key is the conversation, or the stages refuse the record
            if name is not None:
                self._heard.add(name)

    def _tick_until(self, minute: int) -> None:
        first = self._minute + 1 if self._minute and minute - self._minute <= _LONGEST_SILENCE_MINUTES else minute
        for each in range(first, minute + 1):
            value, headers = codec.encode_record(Tick(now_ms=each * MINUTE_MS))
            record = Record(self._ticked, each * MINUTE_MS, None, value, headers)
            self._ticked += 1
            self._run([Incoming(TICKS, partition, record) for partition in range(self._partitions)])
        self._minute = minute

    def _run(self, records: Sequence[Incoming]) -> None:
        for runner, ledger in zip(self._runners, self.ledgers, strict=True):
            for output in runner.feed(records):
                if isinstance(output.value, Alert):
                    ledger.take(output.value)
                elif isinstance(output.value, DeadLetter) and runner is self._runners[0]:  # the others refuse the same
                    self._refuse(output.value)

    def _refuse(self, letter: DeadLetter) -> None:
        if self._since_ms <= letter.at < self._until_ms:
            self.refused += 1
            self.first_refused = self.first_refused or letter.error
