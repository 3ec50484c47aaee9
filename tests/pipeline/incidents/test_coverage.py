"""Coverage: gaps of a roster and people who stand twice in a chain are told, and not every night anew."""

from dataclasses import replace
from datetime import date, timedelta

from pipeline.incidents.coverage import warnings_of
from pipeline.incidents.plan import Chain, Plan, Step, Target
from pipeline.incidents.roster import Override, Roster, Rotation, Shift
from tests.support.alerts import DAY, HOUR, HOUR_START_MS

FIRST = Roster((Shift(Rotation(("a", "b"), date(2025, 1, 6), 1)),))
CHAIN = Chain(tuple(Step((Target("roster", name),)) for name in ("one", "two")))


def warned(plan: Plan, days: int = 4) -> list[str]:
    """The warnings of some days."""
    return warnings_of(plan, from_ms=HOUR_START_MS, to_ms=HOUR_START_MS + days * DAY)


def test_a_gap_is_told():
    """From its beginning to its end, in local time."""
    gap = Override(HOUR_START_MS + HOUR, HOUR_START_MS + 3 * HOUR, ())
    (told,) = warned(Plan(rosters={"one": replace(FIRST, overrides=(gap,))}))
    assert told.startswith("rosters.one: 无人值班 nobody is on call from 20")
    assert warned(Plan(rosters={"one": FIRST})) == []


def test_an_office_is_told_three_times():
    """It closes every night."""
    office = Roster((Shift(Rotation(("a",), date(2025, 1, 6)), lasts=timedelta(hours=9)),))
    told = warned(Plan(rosters={"one": office}), days=10)
    assert len(told) == 4
    assert told[-1].startswith("rosters.one: … 另有 and ")


def test_who_stands_twice_in_a_chain_is_told():
    """The second step would tell the same person; rosters of different chains may share people."""
    later = Roster((Shift(Rotation(("b", "c"), date(2025, 1, 6), 1)),))
    plan = Plan(rosters={"one": FIRST, "two": later}, chains={"high": CHAIN})
    assert warned(plan) == []
    same = Roster((Shift(Rotation(("a",), date(2025, 1, 6))),))
    told = warned(replace(plan, rosters={"one": FIRST, "two": same}))
    assert told
    assert all("chains.high: a 同时值班 has one and two at once" in each for each in told)
    apart = {"x": replace(CHAIN, steps=CHAIN.steps[:1]), "y": replace(CHAIN, steps=CHAIN.steps[1:])}
    assert warned(replace(plan, rosters={"one": FIRST, "two": same}, chains=apart)) == []
