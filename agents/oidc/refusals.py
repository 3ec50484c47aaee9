"""Why a login at the provider did not succeed: a bounded reason for people, a sentence of ours for the log.

What the provider or a stranger sent is in neither: it may be a code, a token, or lines made up to look like our log.
"""

from enum import StrEnum


class Problem(StrEnum):
    """What somebody who could not log in is told."""

    STALE = "stale"  # no login was begun in this browser, it took too long, or it was answered by somebody else
    DENIED = "denied"  # the provider said no
    AWAY = "away"  # the provider did not answer, or not as a provider does
    REFUSED = "refused"  # what the provider answered does not prove who it is
    NO_ROLE = "no_role"  # we know who it is, and that nobody said they may come in


class LoginError(Exception):
    """A login that ended; str() is for the log."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem
