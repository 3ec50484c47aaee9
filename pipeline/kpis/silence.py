"""Whether a channel of a region has fallen silent: nothing while many contacts are usual at these hours of the day.

A silence is measured in the contacts that are usual in its hours, not in those of the running hour alone: the quiet of
the night does not count against a channel that opens in the morning.
"""

from collections.abc import Sequence

from pipeline.times import HOUR_MS

LEAST_SILENCE_MS = 10 * 60_000
# Ten times the usual gap: by chance alone five are exceeded after one contact in 150, ten after one in 22,000.
USUAL_GAPS = 10
LEAST_KNOWN = 20  # contacts in an hour of the last seven days; a channel that is seldom used is not judged
DAYS = 7
HOURS_BACK = 4  # ten gaps of a channel that is just judged are three and a half hours


def surely_usual(contacts: Sequence[int]) -> tuple[int, ...]:
    """Of hours that follow one another, without the first and the last: the contacts that each has for certain.

    Those of its quietest neighbour: at which minute of an hour a channel opens or closes is not known.
    """
    least = map(min, contacts, contacts[1:], contacts[2:])
    return tuple(count if count >= LEAST_KNOWN else 0 for count in least)


def is_silent(heard_ms: int, usual: Sequence[int], *, now_ms: int) -> bool:
    """Whether ten usual contacts, and ten minutes, went by unheard; `usual` ends with the running hour."""
    hour_ms = now_ms // HOUR_MS * HOUR_MS
    waited_ms = missed = 0
    for back, contacts in enumerate(reversed(usual)):
        start_ms = hour_ms - back * HOUR_MS
        unheard_ms = min(now_ms, start_ms + HOUR_MS) - max(heard_ms, start_ms)
        if contacts and unheard_ms > 0:
            waited_ms += unheard_ms
            missed += contacts * unheard_ms
    return waited_ms > LEAST_SILENCE_MS and missed > USUAL_GAPS * DAYS * HOUR_MS
