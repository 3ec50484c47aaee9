"""New words for the lexicon: hot, new, unknown to the rules, each once."""

from pipeline.hotwords.propose import proposals
from schemas.hotwords import HotTerm, HotWords


def words(*terms, place="all", version=1):
    """A snapshot with these terms."""
    return HotWords(
        place=place, window_end=version, window_s=3600, version=version, conversations=100, unread=0, is_learning=False,
        missed=0, terms=terms,
    )  # fmt: skip


def term(name, count=9, **changes):
    """A new hot term."""
    return HotTerm(**{"term": name, "count": count, "customers": 5, "is_hot": True, "is_new": True} | changes)


def test_each_new_term_is_proposed_once_as_it_was_said_most():
    """Over places and time."""
    found = proposals(
        [words(term("鼓包", 6)), words(term("鼓包", 9), version=2), words(term("鼓包", 5), version=3)], ()
    )
    assert [(each.term.count, each.seen_at) for each in found] == [(9, 2)]


def test_what_is_not_proposed():
    """What is usual, what is only frequent, and what holds a phrase of the rules."""
    given = words(
        term("退款", is_new=False),
        term("快递", is_hot=False),
        term("快递丢件"),
        term("丢件"),
        term("鼓包"),
        term("冒黑烟", 30),
    )
    assert [each.term.term for each in proposals([given], frozenset({"丢件"}))] == ["冒黑烟", "鼓包"]
