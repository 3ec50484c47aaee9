"""Whose turn it is: one of a team after the other, and nobody twice for one matter before everybody had it once."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.incidents.plan import Chain, Route, Step, Target
from pipeline.incidents.receivers import next_in_turn
from schemas.deliveries import Notification, Receiver
from tests.support.incidents import FIRST, MANAGER, PLAN, SECOND, high, minutes, run

TEAM = (FIRST, SECOND, MANAGER)
TURN = Step((Target("turn", "repair"),))
PLAN_OF_TURNS = replace(
    PLAN,
    teams={"repair": TEAM},
    chains={"turns": Chain((TURN, replace(TURN, after=timedelta(minutes=5))), repeat=1)},
    routes=(Route("turns"),),
)


def test_each_matter_goes_to_the_next_one():
    """Four conversations, three people; a step that nobody answered goes to somebody else."""
    events = [*(high(number, number * 1_000) for number in range(1, 5)), *minutes(4)]
    assert [to for *_, to in run(events, plan=PLAN_OF_TURNS).notices] == [FIRST, SECOND, MANAGER, FIRST]
    alone = run([high(1), *minutes(45)], plan=PLAN_OF_TURNS)
    assert [to for *_, to in alone.notices] == [FIRST, SECOND, MANAGER, FIRST]


def test_a_drill_takes_nobodys_turn():
    """In earnest the first one is next, however many drills went before; regions have turns of their own."""
    drills = [high(number, number * 1_000, test="d1", alert_id=f"drill{number}") for number in range(1, 3)]
    events = [*drills, high(8, 5_000), high(9, 6_000, region="110000", alert_id="x9"), *minutes(4)]
    told = run(events, plan=PLAN_OF_TURNS).of(Notification)
    assert [each.to for each in told if not each.test] == [FIRST, FIRST]
    assert [each.stands_for[0].to for each in told if each.test] == [FIRST, SECOND]


def test_a_whole_team_is_told_by_its_name():
    """`team:` means everybody in it."""
    plan = replace(PLAN_OF_TURNS, chains={"turns": Chain((Step((Target("team", "repair"),)),))})
    assert [to for *_, to in run([high(1), *minutes(1)], plan=plan).notices] == list(TEAM)


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=5, unique=True), st.integers(0, 9), st.integers(1, 40))
def test_turns_are_fair(team, first, count):
    """Over any stretch nobody has two turns more than another; one matter goes through the team before it repeats."""
    turn, people, told = first % len(team), [], []
    for _ in range(count):
        (person,), turn = next_in_turn(team, turn, ())
        people.append(person)
    had = Counter(people)
    assert max(had.values()) - min(had[each] for each in team) <= 1
    for _ in team:
        (person,), turn = next_in_turn(team, turn, told)
        told.append(Receiver(channel="x", to=person))
    assert {each.to for each in told} == set(team)
