"""Rises: which of them made a conversation a complaint."""

from schemas.alerts import Alert
from schemas.vocabulary import Level


def became_complaint(alert: Alert) -> bool:
    """Whether a conversation became a complaint by this rise. It counts once, however far it rises."""
    before, now = alert.previous_level or Level.NONE, alert.level or Level.NONE
    return before.rank < Level.EXPLICIT.rank <= now.rank
