"""The sections that a file of policies may hold, and the shape of each."""

from typing import Any

from pipeline.rules.shapes import Choice, Each, Number, Record, Report, Shape, Table, Text
from pipeline.sla.actions import Trigger
from pipeline.sla.policy import Audience
from pipeline.sla.shapes import Day, Opening, ShareOf, SignedMinutes, Truth, Zone
from schemas.commands import CommandKind
from schemas.sla_clocks import GoalKind
from schemas.tickets import Priority, TicketStatus
from schemas.vocabulary import Level

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MATCHABLE = (
    "priority",
    "tenant",
    "channel",
    "type",
    "category",
    "tags",
    "group",
    "region",
    "product",
    "customer_tier",
    "hint",
    "level",
)
LEVELS = tuple(level.value for level in Level if level is not Level.NONE)
PRIORITIES = tuple(priority.value for priority in Priority)
_PAUSING = (TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.ON_HOLD)
_MINUTES = Number(1, 366 * 24 * 60)

_PAUSES = Each(Choice(_PAUSING), at_least=0)  # none: of a goal that goes on while its policy's others stand still
_PAUSING_TAGS = Each(Text(), at_least=0)
_HOURS = Each(Opening())
_NAMES = Each(Text())
_CALENDAR = Record(
    {"zone": Zone(), "hours": Table(_HOURS)},
    {
        "holidays": Choice(("china", "none")),
        "make_up_hours": _HOURS,
        "closed": Each(Day()),
        "open": Table(_HOURS),
        "known_until": Day(),
    },
)
_WARNING = Record({"to": Each(Choice(Audience))}, {"at": ShareOf(), "minutes": SignedMinutes()})


# A promise is warned of by shares of its time alone: its end is what was said, and no policy's.
_SHARE_OF_PROMISE = Record({"to": Each(Choice(Audience)), "at": ShareOf()}, {})


class Listed:
    """A list of mappings; unlike `Each`, one may say the same as another."""

    def __init__(self, item: Shape) -> None:
        self.item = item

    def read(self, node: Any, path: str, report: Report) -> tuple[Any, ...]:
        """The items that could be read."""
        items = getattr(node, "value", None)
        if not isinstance(items, list) or not items or isinstance(items[0], tuple):
            report.add(node, path, "is no list; write one `- {…}` a line")
            return ()
        read = (self.item.read(child, f"{path}[{index}]", report) for index, child in enumerate(items))
        return tuple(value for value in read if value is not None)


_WARNINGS = Listed(_WARNING)
_SHARES = Listed(_SHARE_OF_PROMISE)
_GOAL = Record(
    {"minutes": Table(_MINUTES, keys=(*PRIORITIES, *LEVELS))},
    {
        "calendar": Text(),
        "pause_on": _PAUSES,
        "pause_on_tags": _PAUSING_TAGS,
        "warn": _WARNINGS,
        "remind_days": Number(0, 365),
    },
)
_POLICY = Record(
    {"zh": Text(), "calendar": Text(), "goals": Table(_GOAL, keys=[kind.value for kind in GoalKind])},
    {
        "match": Table(_NAMES, keys=MATCHABLE),
        "enforce_from": Day(),
        "pause_on": _PAUSES,
        "pause_on_tags": _PAUSING_TAGS,
        "warn": _WARNINGS,
        "remind_days": Number(0, 365),
    },
)
_DO = Record({"command": Choice(CommandKind)}, {"group": Text(), "priority": Choice(PRIORITIES), "template": Text()})
_ACTION = Record(
    {"zh": Text(), "when": Choice(Trigger), "do": Listed(_DO)},
    {
        "match": Table(_NAMES, keys=MATCHABLE),
        "of": _NAMES,
        "clocks": Each(Choice(GoalKind)),
        "answer_within_minutes": Number(1, 24 * 60),
        "dry_run": Truth(),
    },
)
_TASK_FORCE = Record({"zh": Text()}, {"regions": _NAMES, "reasons": _NAMES, "at_most": Number(1, 1_000_000)})
SECTIONS: dict[str, Shape] = {
    "calendars": Table(_CALENDAR),
    "policies": Table(_POLICY),
    "actions": Table(_ACTION),
    "task_forces": Table(_TASK_FORCE),
    "house_rules": Record(
        {},
        {
            "quality": _NAMES,
            "whim": _NAMES,
            "rejected": _NAMES,
            "staffed": Text(),
            "answered_within_minutes": Number(1, 24 * 60),
        },
    ),
    "promises": Record({}, {"calendar": Text(), "warn": _SHARES, "vague_minutes": _MINUTES}),
    "templates": Table(Record({"zh": Text()}, {"zh_hant": Text()})),
}
TOP = Record({}, SECTIONS)
