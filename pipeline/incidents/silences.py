"""Silences: how long each holds, and what people may do about those that stand.

`domain.md` 11.2: one person may keep something quiet for a day. What is longer takes the consent of a second one.
"""

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from pipeline.times import DAY_MS
from schemas.actions import Action, ActionKind, Silence
from schemas.audits import ActionResult

ALONE_MS_MAX = DAY_MS
AGREED_MS_MAX = 30 * DAY_MS  # longer would be forgetting, whoever agrees


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """A silence in force."""

    silence_id: str
    author: str
    silence: Silence
    consented_by: str = ""

    @property
    def ends_at_ms(self) -> int:
        """When it is over: what is longer than a day ends after a day unless somebody else agreed to it."""
        most_ms = AGREED_MS_MAX if self.consented_by else ALONE_MS_MAX
        return min(self.silence.ends_at, self.silence.starts_at + most_ms)

    @property
    def awaits_consent(self) -> bool:
        """Whether it would be longer if somebody else agreed."""
        return not self.consented_by and self.ends_at_ms < self.silence.ends_at

    @property
    def names_incident(self) -> str:
        """The one incident that it is about; "" where it matches by other labels alone."""
        return next((each.value for each in self.silence.matchers if each.name == "incident_id"), "")


class Ruled(NamedTuple):
    """What stands after an action, which of it is new or gone, and what the action came to."""

    standing: tuple[Standing, ...]
    result: ActionResult
    changed: Standing | None = None


def ruled(standing: tuple[Standing, ...], action: Action) -> Ruled:
    """What becomes of the silences that stand when somebody silences, ends a silence, or agrees to one."""
    if action.action is ActionKind.SILENCE and action.silence is not None:
        begun = Standing(action.action_id, action.actor, action.silence)
        result = ActionResult.AWAITS_CONSENT if begun.awaits_consent else ActionResult.TAKEN
        return Ruled((*standing, begun), result, begun)
    meant = next((each for each in standing if each.silence_id == action.silence_id), None)
    if meant is None:
        return Ruled(standing, ActionResult.UNCHANGED)
    others = tuple(each for each in standing if each is not meant)
    if action.action is ActionKind.UNSILENCE:
        return Ruled(others, ActionResult.TAKEN, meant)
    if not meant.awaits_consent:
        return Ruled(standing, ActionResult.UNCHANGED)
    if action.actor == meant.author:
        return Ruled(standing, ActionResult.SECOND_PERSON)
    agreed = replace(meant, consented_by=action.actor)
    return Ruled((*others, agreed), ActionResult.TAKEN, agreed)
