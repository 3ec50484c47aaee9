"""What an answering process knows: the on-call file, the keys that open offers, the secrets of vendors that call back.

It needs no address and no key by which anything could be sent, and looks none up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agents.answer.doors import Door, door_of
from agents.files.oncall import DEFAULT_FILE, keys_of, load_oncall, look_up
from pipeline.answers.seals import Keys
from pipeline.errors import TocsinError
from pipeline.incidents.load import AnswerSpec, OnCall, OnCallError
from pipeline.rules.problems import Problem


class NoAnswersError(TocsinError):
    """The on-call file says nothing about answers."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything that is read before the first request."""

    answers: AnswerSpec
    keys: Keys
    doors: Mapping[str, Door]  # by channel
    people: Mapping[str, Mapping[str, str]]  # of each such channel: the person behind the vendor's name for them


def load_answers(path: Path | None) -> Loaded:
    """Read file and secrets; raises OnCallError or NoAnswersError with everything that is wrong."""
    path = path or DEFAULT_FILE
    oncall = load_oncall(path)
    if oncall.answers is None:
        raise NoAnswersError(f"{path}: there is no section answers; write url and keys (docs/answers.md shows one)")
    keys = keys_of(oncall.answers, file=path.name)
    doors, problems = {}, []
    for channel, references in oncall.answers.callbacks.items():
        secrets = {name: look_up(reference) for name, reference in references.items()}
        where = f"answers.callbacks.{channel}"
        empty = [name for name, secret in secrets.items() if not secret]
        problems += [Problem(path.name, 0, f"{where}.{name}", f"{references[name]} holds nothing") for name in empty]
        if empty:
            continue
        try:
            doors[channel] = door_of(oncall.channels[channel], secrets)
        except ValueError as error:
            problems.append(Problem(path.name, 0, where, str(error)))
    if problems:
        raise OnCallError(problems)
    return Loaded(oncall.answers, keys, doors, {channel: _people(oncall, channel) for channel in doors})


def _people(oncall: OnCall, channel: str) -> dict[str, str]:
    return {known[channel]: person for person, known in oncall.contacts.items() if channel in known}
