"""Levels after each turn of a dialogue that is over."""

from pipeline.conversation.turns import levels_of_turns
from schemas.vocabulary import Level, Role
from tests.support.conversations import COMPLAINS, DISPLEASED, REGULATOR, WITHDRAWS

CUSTOMER, AGENT = Role.CUSTOMER, Role.AGENT


def test_the_level_after_each_turn_and_at_the_end():
    """The conversation's level, not the turn's: it stays up while the talk goes on."""
    levels = levels_of_turns([None, DISPLEASED, None, COMPLAINS, None], [AGENT, CUSTOMER, AGENT, CUSTOMER, AGENT])
    assert [level for level, _ in levels.after] == [
        Level.NONE,
        Level.POTENTIAL,
        Level.POTENTIAL,
        Level.EXPLICIT,
        Level.EXPLICIT,
    ]
    assert (levels.level, levels.score, levels.reasons) == (Level.EXPLICIT, 84, ("refund",))


def test_a_withdrawal_shows_at_the_end():
    """What the customer took back is not held against the conversation; a threat is."""
    assert levels_of_turns([COMPLAINS, WITHDRAWS], [CUSTOMER, CUSTOMER]).level is Level.NONE
    assert levels_of_turns([REGULATOR, WITHDRAWS], [CUSTOMER, CUSTOMER]).level is Level.HIGH_RISK


def test_texts_let_repeated_demands_be_seen():
    """The findings alone do not tell that the customer asks for the third time."""
    texts = ["能不能帮我催一下快递"] * 3
    assert levels_of_turns([None] * 3, [CUSTOMER] * 3).level is Level.NONE
    assert levels_of_turns([None] * 3, [CUSTOMER] * 3, texts).level is Level.POTENTIAL


def test_no_turns():
    """An empty dialogue is none."""
    assert levels_of_turns([], []) == ([], Level.NONE, 0, (), ())
