"""What is done without a person: when, for which tickets, and what the ticket system is then told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.commands import CommandKind
from schemas.tickets import Priority


class Trigger(StrEnum):
    """What an action waits for."""

    COMPLAINT = "complaint"  # a conversation that belongs to the ticket rose to a level
    WARNING = "warning"  # a clock came to a warning
    BREACH = "breach"  # a clock's target is used up
    PROMISE = "promise"  # of what the ticket's customer was promised: a share of its time, or `broken`
    FINDING = "finding"  # a sign of parking, or a house rule


@dataclass(frozen=True, slots=True)
class Do:
    """One command. A priority that is not named is raised by one step; a group that is not named is chosen by load."""

    command: CommandKind
    group: str = ""
    priority: Priority | None = None
    template: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Commands that follow from a trigger, for the tickets that fit."""

    id: str
    zh: str
    when: Trigger
    do: tuple[Do, ...]
    match: Mapping[str, frozenset[str]] = field(default_factory=dict)
    of: frozenset[str] = frozenset()  # which warnings (`0.9`), findings (`late_pause`) or levels; all where empty
    clocks: frozenset[str] = frozenset()  # which clocks; all where empty
    answer_within_ms: int = 0  # the ticket system has so long to show that it was done
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True)
class TaskForce:
    """A group that takes tickets of some regions and reasons, up to a number of open ones."""

    group: str
    zh: str
    regions: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()  # first or second level
    at_most: int = 0  # 0 for no limit

    def takes(self, region: str, reasons: frozenset[str], load: int) -> bool:
        """Whether a ticket may go there now."""
        return (
            (not self.regions or region in self.regions)
            and (not self.reasons or not self.reasons.isdisjoint(reasons))
            and (not self.at_most or load < self.at_most)
        )


@dataclass(frozen=True, slots=True)
class Template:
    """A message to a customer, simplified and traditional, with variables in braces."""

    id: str
    zh: str
    zh_hant: str


@dataclass(frozen=True, slots=True)
class Automation:
    """Everything that is done without a person."""

    actions: tuple[Action, ...] = ()
    task_forces: tuple[TaskForce, ...] = ()
    templates: Mapping[str, Template] = field(default_factory=dict)

    def choose_group(self, region: str, reasons: frozenset[str], load: Mapping[str, int]) -> str:
        """The task force with the fewest open tickets among those that take it, the first written of equals; else none.

        One that names the region or the reason goes before one that takes everything.
        """
        fitting = [force for force in self.task_forces if force.takes(region, reasons, load.get(force.group, 0))]
        if not fitting:
            return ""
        closest = min(fitting, key=lambda force: (-bool(force.regions) - bool(force.reasons), load.get(force.group, 0)))
        return closest.group
