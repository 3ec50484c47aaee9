"""Coverage: when a roster has nobody, and when one person stands twice in one chain. Both are warnings, not errors."""

from collections.abc import Iterator
from itertools import combinations

from pipeline.incidents.plan import Chain, Plan
from pipeline.incidents.receivers import calendar_of
from pipeline.incidents.roster import Calendar, Duty, duties

_TOLD = 3  # of one roster; an office that closes every night has a gap every night


def warnings_of(plan: Plan, *, from_ms: int, to_ms: int) -> list[str]:
    """Gaps and double duties within a span, the first ones of each kind and roster, Chinese first."""
    calendar = calendar_of(plan)
    found = {name: list(duties(each, from_ms, to_ms, calendar=calendar)) for name, each in plan.rosters.items()}
    warnings: list[str] = []
    for name, mine in found.items():
        gaps = [f"无人值班 nobody is on call {_span(duty, calendar)}" for duty in mine if not duty.people]
        warnings += _first(f"rosters.{name}", gaps)
    for name, chain in plan.chains.items():
        for one, other in combinations(_rosters_of(chain), 2):
            doubles = [
                f"{', '.join(duty.people)} 同时值班 has {one} and {other} at once {_span(duty, calendar)}"
                for duty in _both(found[one], found[other])
            ]
            warnings += _first(f"chains.{name}", doubles)
    return warnings


def _first(path: str, found: list[str]) -> list[str]:
    more = [f"{path}: … 另有 and {len(found) - _TOLD} more"] if len(found) > _TOLD else []
    return [f"{path}: {each}" for each in found[:_TOLD]] + more


def _rosters_of(chain: Chain) -> list[str]:
    """The rosters that a chain tells, each once: who has both of two is nobody else to escalate to."""
    return list(
        dict.fromkeys(target.name for step in chain.steps for target in step.targets if target.kind == "roster")
    )


def _both(one: list[Duty], other: list[Duty]) -> Iterator[Duty]:
    """Stretches in which somebody has both duties."""
    mine, theirs = iter(one), iter(other)
    left, right = next(mine, None), next(theirs, None)
    while left is not None and right is not None:
        people = tuple(each for each in left.people if each in right.people)
        starts_at_ms, ends_at_ms = (
            max(left.starts_at_ms, right.starts_at_ms),
            min(left.ends_at_ms, right.ends_at_ms),
        )
        if people and starts_at_ms < ends_at_ms:
            yield Duty(starts_at_ms, ends_at_ms, people)
        if left.ends_at_ms <= right.ends_at_ms:
            left = next(mine, None)
        else:
            right = next(theirs, None)


def _span(duty: Duty, calendar: Calendar) -> str:
    starts, ends = (calendar.local(each) for each in (duty.starts_at_ms, duty.ends_at_ms))
    return f"from {starts:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M}"
