"""The scanner: hits belong to the text they stand in, whatever its neighbours are."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.scan import Scanner

PHRASES = ("投诉", "我要投诉", "诉", "12315")
SCANNER = Scanner(PHRASES)
TEXTS = st.lists(st.text("我要投诉12315。a😀", max_size=12), min_size=1, max_size=8)


@given(TEXTS)
def test_hits_are_those_of_each_text_alone(texts):
    """One pass over the joined batch finds what a search in each text finds."""
    found = {index: sorted(hits) for index, hits in SCANNER.scan(texts)}
    for index, text in enumerate(texts):
        expected = sorted(
            (number, at, at + len(phrase))
            for number, phrase in enumerate(PHRASES)
            for at in range(len(text))
            if text.startswith(phrase, at)
        )
        assert found.get(index, []) == expected


def test_a_phrase_across_two_texts_is_none():
    """The separator belongs to no phrase."""
    assert list(SCANNER.scan(["我要投", "诉"])) == [(1, [(2, 0, 1)])]


def test_a_text_is_told_once_its_hits_weigh_enough():
    """Weights add up within a text, never across texts, and each text has its own."""
    mild, none = (1, 1, 1, 1), (0, 0, 0, 0)
    texts = ["投诉", "诉", "投诉诉", "无", "投诉诉"]
    found = list(SCANNER.scan_heavy(texts, [mild, mild, mild, mild, none], enough=3))
    assert [(index, sorted(hits)) for index, hits in found] == [(2, [(0, 0, 2), (2, 1, 2), (2, 2, 3)])]
