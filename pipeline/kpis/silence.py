"""Whether a channel of a region has fallen silent: nothing for much longer than is usual at this hour of the day."""

from schemas.kpis import Measure

LEAST_SILENCE_MS = 10 * 60_000
# Ten times the usual gap: by chance alone five are exceeded after one contact in 150, ten after one in 22,000.
USUAL_GAPS = 10
LEAST_KNOWN = 20  # contacts in this hour of the last seven days; a channel that is seldom used is not judged
DAYS = 7


def longest_silence_ms(usual: Measure) -> int | None:
    """How long nothing may come, given the contacts of this hour on the last seven days; None where it is not known."""
    if usual.n < LEAST_KNOWN:
        return None
    gap_ms = DAYS * 3_600_000 / usual.n
    return max(LEAST_SILENCE_MS, round(USUAL_GAPS * gap_ms))
