"""What is found in a text is what its writer promised, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.promises.finder import find_agent, find_customer
from schemas.promises import MadePromise
from tests.support import promise_sentences as sentences


def written(made: MadePromise) -> str:
    """A promise as the tables write it."""
    when = made.when
    parts = [made.kind.value, when.measure.value]
    if when.measure.value != "vague":
        parts.append(str(when.count))
    if when.is_closing:
        parts.append("closing")
    if when.minute is not None:
        parts.append(f"{when.minute // 60:02}:{when.minute % 60:02}")
    return " ".join([*parts, *["open"] * when.is_half_day_open])


@pytest.mark.parametrize(("text", "expected"), sentences.MADE, ids=[text for text, _ in sentences.MADE])
def test_a_promise_is_found_with_its_kind_and_its_time(text: str, expected: str) -> None:
    """Kinds, numerals of both kinds, both scripts, days, weekdays, dates, hours, working time, vague words."""
    talk = find_agent(text)
    assert talk is not None
    assert [written(made) for made in talk.made] == [expected]


@pytest.mark.parametrize("text", sentences.NOT_MADE)
def test_what_is_no_promise_is_none(text: str) -> None:
    """Questions, refusals, conditions, estimates, rules of the house, other people's doings, the past."""
    talk = find_agent(text)
    assert talk is None or talk.made == ()


@pytest.mark.parametrize(("text", "kind"), sentences.DONE)
def test_an_agent_says_what_is_done(text: str, kind: str) -> None:
    """The kind of promise that it may keep."""
    talk = find_agent(text)
    assert talk is not None
    assert kind in talk.done


@pytest.mark.parametrize("text", sentences.NOT_DONE)
def test_what_is_only_asked_for_or_denied_is_not_done(text: str) -> None:
    """An application is no refund."""
    talk = find_agent(text)
    assert talk is None or talk.done == ()


@pytest.mark.parametrize(("text", "kind"), sentences.CAME)
def test_a_customer_says_what_has_come(text: str, kind: str) -> None:
    """The kind of promise that is kept by it."""
    talk = find_customer(text)
    assert talk is not None
    assert kind in talk.done


@pytest.mark.parametrize("text", sentences.NOT_CAME)
def test_a_customer_who_still_waits_confirms_nothing(text: str) -> None:
    """Denials and questions."""
    talk = find_customer(text)
    assert talk is None or talk.done == ()


@pytest.mark.parametrize(("text", "kind"), sentences.WAIVED)
def test_a_customer_gives_a_promise_back(text: str, kind: str) -> None:
    """The kind of promise that nobody waits for any more."""
    talk = find_customer(text)
    assert talk is not None
    assert kind in talk.released


@pytest.mark.parametrize("text", sentences.NOT_WAIVED)
def test_a_customer_who_gives_nothing_back(text: str) -> None:
    """Courtesy and rhetoric."""
    talk = find_customer(text)
    assert talk is None or talk.released == ()


def test_several_promises_of_one_text_are_all_found() -> None:
    """One of each kind."""
    talk = find_agent("我明天上午给您回电。退款三个工作日内到账。")
    assert talk is not None
    assert [written(made) for made in talk.made] == ["callback day 1 12:00", "refund working_days 3"]


def test_an_exact_time_goes_before_a_vague_one() -> None:
    """Of two promises of a kind in one text."""
    talk = find_agent("我们尽快给您回电。明天上午10点前一定给您回电。")
    assert talk is not None
    assert [written(made) for made in talk.made] == ["callback day 1 10:00"]


def test_evidence_is_masked_and_lies_in_the_text_as_it_came_in() -> None:
    """A phone number beside the promise never leaves; the offsets point at the words."""
    text = "您的号码是13800138000,我明天給您回電。"
    talk = find_agent(text)
    assert talk is not None
    (made,) = talk.made
    assert "13800138000" not in made.quote
    assert text[made.char_start : made.char_end] == "回電"
    assert made.quote[made.mark_start : made.mark_end] == "回電"


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    """Whatever comes in, something sensible comes out."""
    for find in (find_agent, find_customer):
        talk = find(text)
        if talk is not None:
            assert talk.made or talk.done or talk.released
            assert all(0 <= made.char_start <= made.char_end <= len(text) for made in talk.made)


@given(st.lists(st.sampled_from([text for text, _ in sentences.MADE] + list(sentences.NOT_MADE)), max_size=4))
def test_sentences_stand_for_themselves(texts: list[str]) -> None:
    """What one sentence promises does not depend on its neighbours, beyond one promise of each kind."""
    together = find_agent("".join(texts))
    kinds = {made.kind for text in texts if (talk := find_agent(text)) for made in talk.made}
    assert {made.kind for made in (together.made if together else ())} == kinds
