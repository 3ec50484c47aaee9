"""One batch of what was promised and done, or of ticks. What comes of it does not depend on where the log is cut."""

from pipeline.promises.announce import announce
from pipeline.promises.ledger import Entered, enter_deed, enter_made, pass_time
from pipeline.promises.state import Book
from pipeline.sla.policy import PromisePolicy
from pipeline.stage import Batch, Effects, Rows
from schemas.promises import PromisesMade
from schemas.topics import TICKS


def fold(batch: Batch, rows: Rows[Book], *, policy: PromisePolicy) -> Effects[Book]:
    """Fold one batch into the books. Changes nothing: rows and outputs are returned."""
    effects: Effects[Book] = Effects()

    def put(home: bytes, entered: Entered | None, emitted_at_ms: int) -> None:
        if entered is None:
            return
        effects.changes[home] = entered.book
        for change in entered.changes:
            effects.outputs += announce(home.decode(), change, policy, emitted_at_ms=emitted_at_ms)

    for event in batch.events:
        if batch.topic is TICKS:
            for home in rows.due(event.now_ms):
                book = effects.changes[home] if home in effects.changes else rows.get(home)
                if book is not None and 0 < book.wake_at_ms <= event.now_ms:
                    put(home, pass_time(book, policy, now_ms=event.now_ms), event.now_ms)
            continue
        home = event.home.encode()
        book = effects.changes[home] if home in effects.changes else rows.get(home)
        enter = enter_made if isinstance(event, PromisesMade) else enter_deed
        put(home, enter(book, event, policy), event.emitted_at)
    return effects
