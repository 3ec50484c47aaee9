"""Hours that nobody staffs (S24): a customer waits in hours that should be staffed, and nobody at the desk writes.

Lunch, weekends and holidays hurt most; which hours should be staffed, the calendar of `house_rules.staffed` says.
"""

from msgspec.structs import replace

from pipeline.desks.state import MAX_WAITING, DeskRow
from pipeline.sla.house import Staffing


def with_wait(desk: DeskRow, ticket_id: str, *, is_waiting: bool, at_ms: int) -> DeskRow:
    """The desk after a customer began to wait, or after somebody there wrote to one."""
    if is_waiting:
        waiting = desk.waiting | {ticket_id: desk.waiting.get(ticket_id, at_ms)}
        oldest = sorted(waiting.items(), key=lambda each: (each[1], each[0]))[:MAX_WAITING]
        return replace(desk, waiting=dict(oldest))
    waiting = {each: since_ms for each, since_ms in desk.waiting.items() if each != ticket_id}
    return replace(desk, waiting=waiting, seen_at_ms=max(desk.seen_at_ms, at_ms))


def absent_since(desk: DeskRow) -> int:
    """Since when somebody has waited and nobody was there; 0 where that is not so, or was told."""
    if not desk.waiting:
        return 0
    since_ms = max(min(desk.waiting.values()), desk.seen_at_ms)
    return 0 if since_ms <= desk.told_since_ms else since_ms


def absence_at(desk: DeskRow, staffing: Staffing | None) -> int:
    """When the absence will have lasted too long; 0 for never."""
    since_ms = absent_since(desk)
    return staffing.calendar.after(since_ms, staffing.within_ms) if staffing and since_ms else 0
