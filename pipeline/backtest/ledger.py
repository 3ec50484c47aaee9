"""Which conversations one pack would have told of: the first alert of each at each level."""

from datetime import date

import msgspec

from pipeline.regions.count import is_counted
from pipeline.text.redact import redact
from pipeline.times import in_china
from schemas.alerts import Alert
from schemas.base import EpochMillis
from schemas.vocabulary import Level


class Told(msgspec.Struct, frozen=True):
    """One conversation that rose to one level."""

    conversation_id: str
    level: Level
    region: str
    at_ms: EpochMillis
    text: str  # masked: what decided
    rule: str
    lead_ms: int | None  # of high risk: since the first warning

    @property
    def day(self) -> date:
        """The day in China."""
        return in_china(self.at_ms).date()


class Ledger:
    """All that a pack told between two moments."""

    def __init__(self, *, since_ms: int, until_ms: int) -> None:
        self._since_ms, self._until_ms = since_ms, until_ms
        self.told: dict[tuple[str, Level], Told] = {}
        self._conversations: set[str] = set()

    def take(self, alert: Alert) -> None:
        """Note an alert; one that is no rise of a conversation, or not of this time, is passed over."""
        if not is_counted(alert) or not self._since_ms <= alert.occurred_at < self._until_ms:
            return
        level = alert.level or Level.NONE
        strongest = alert.evidence[0] if alert.evidence else None
        told = Told(
            conversation_id=alert.conversation_id,
            level=level,
            region=alert.region,
            at_ms=alert.occurred_at,
            text="" if strongest is None else redact(strongest.text_masked).text,
            rule="" if strongest is None else strongest.rule,
            lead_ms=alert.lead_ms if level is Level.HIGH_RISK else None,
        )
        self._conversations.add(alert.conversation_id)
        self.told.setdefault((alert.conversation_id, level), told)

    def __contains__(self, conversation_id: str) -> bool:
        return conversation_id in self._conversations

    def conversations(self, least: Level) -> set[str]:
        """Conversations that came to a level or a graver one."""
        return {name for name, level in self.told if level.rank >= least.rank}
