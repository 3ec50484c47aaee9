"""Rules in silence: a tick finds a conversation in which something was to be said, and nobody said anything at all."""

from pipeline.conversation.announce import Cause
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.state import Conversation
from pipeline.conversation.step import rejudge
from pipeline.conversation.watched import let_time_pass
from pipeline.quality.listening import LATENESS_MS, wake_for
from pipeline.stage import Output
from schemas.calls import CallLifecycle, CallPhase


def ring_rules(
    row: Conversation, conversation_id: str, *, lookups: Lookups, now_ms: int, outputs: list[Output]
) -> None:
    """Judge what was not said. `now_ms` is the log's time; so much event time has certainly passed."""
    if row.ended_at_ms is not None or row.watched is None or not row.watched.waits:
        return
    passed_ms = row.last_at_ms + now_ms - row.logged_at_ms - LATENESS_MS
    until_ms = min(wait.until_ms for wait in row.watched.waits)
    if passed_ms > until_ms:
        traces = row.traces
        silence = CallLifecycle(
            event_id=f"silence:{row.episode}:{until_ms}:{conversation_id}"[:128],
            source="rules",
            occurred_at=passed_ms,
            conversation_id=conversation_id,
            phase=CallPhase.ALIVE,
        )
        let_time_pass(row, silence, lookups=lookups, emitted_at_ms=now_ms, outputs=outputs)
        if row.traces is not traces:
            rejudge(row, Cause(silence, None, None, (), now_ms), lookups=lookups, outputs=outputs)
    if row.watched.waits:
        wake_for(row, min(wait.until_ms for wait in row.watched.waits))
