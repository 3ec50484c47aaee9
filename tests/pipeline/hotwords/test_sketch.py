"""The sketch: bounded memory, counts that are never too high, and an error that it names itself."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pipeline.hotwords.sketch import EMPTY, SAMPLE, Said, counted, digest, likeness, merged
from schemas.vocabulary import ChannelClass, Level

TERMS = st.sampled_from([f"词{number}" for number in range(30)])
CONVERSATIONS = st.lists(st.sets(TERMS, max_size=6), max_size=40)


def who(number, **changes):
    """One of many customers."""
    fields = {"customer": digest(f"k{number}"), "region": "440000", "channel": ChannelClass.CHAT, "level": Level.NONE}
    return Said(**fields | changes)


def sketch_of(conversations, room, *, first=0):
    """Conversations of as many customers."""
    return counted(EMPTY, ((who(first + place), terms) for place, terms in enumerate(conversations)), room=room)


def assert_right(sketch, conversations, room):
    """Bounded, never too high, too low by no more than it says, which is no more than theory allows."""
    true = Counter(term for terms in conversations for term in terms)
    assert len(sketch.tallies) <= room
    assert sketch.missed <= sum(true.values()) / (room + 1)
    for term, count in true.items():
        found = sketch.tallies[term].count if term in sketch.tallies else 0
        assert count - sketch.missed <= found <= count
    assert sketch.tallies.keys() <= true.keys()


@given(st.lists(CONVERSATIONS, max_size=6), st.integers(1, 40))
def test_counts_are_within_the_bound_however_they_come_in(parts, room):
    """Counting goes on where it stopped, with the same promise."""
    sketch, every = EMPTY, []
    for part in parts:
        sketch = counted(sketch, ((who(place), terms) for place, terms in enumerate(part)), room=room)
        every += part
        assert_right(sketch, every, room)
    assert sketch.conversations == len(every)


@given(st.lists(CONVERSATIONS, max_size=6), st.integers(1, 40))
def test_sketches_add_up_within_the_bound(parts, room):
    """Six stretches of ten minutes make an hour with the same promise."""
    hour = merged([sketch_of(part, room) for part in parts], room=room)
    assert_right(hour, [terms for part in parts for terms in part], room)


@given(CONVERSATIONS)
def test_with_room_enough_counts_are_exact(conversations):
    """Below the bound nothing is lost."""
    sketch = sketch_of(conversations, 30)
    assert sketch.missed == 0
    assert {term: tally.count for term, tally in sketch.tallies.items()} == Counter(
        term for terms in conversations for term in terms
    )


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_a_small_sample_is_who_they_are(some, others):
    """Below sixteen customers, counting them and comparing two terms is exact; one customer counts once."""
    said = [(who(number), ["甲"]) for number in sorted(some) * 2] + [(who(number), ["乙"]) for number in sorted(others)]
    tallies = counted(EMPTY, said, room=9).tallies
    if some:
        assert len(tallies["甲"].customers) == min(len(some), SAMPLE)
    if some and others and len(some | others) <= SAMPLE:
        assert likeness(tallies["甲"], tallies["乙"]) == len(some & others) / len(some | others)


def test_what_is_kept_beside_the_count():
    """Channels, the first regions, and the worst level of whoever said it."""
    said = [
        (who(1, region="110000"), ["鼓包"]),
        (who(2, channel=ChannelClass.VOICE, level=Level.HIGH_RISK), ["鼓包"]),
        (who(3, level=Level.EXPLICIT), ["鼓包"]),
    ]
    tally = counted(EMPTY, said, room=9).tallies["鼓包"]
    assert tally.regions == ("110000", "440000")
    assert set(tally.channels) == {ChannelClass.CHAT, ChannelClass.VOICE}
    assert tally.level is Level.HIGH_RISK
