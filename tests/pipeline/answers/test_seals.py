"""Seals: what we wrote opens, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.answers.acts import Act
from pipeline.answers.offers import Offer
from pipeline.answers.seals import SEAL_CHARS_MAX, Keys

OLD, NEW = b"o" * 32, b"n" * 32
OFFER = Offer(Act.ACK, "incident:conversation:call-1", "440000", "duty-1", "notice", "n0nce", 1_767_225_600_000)


def test_an_offer_comes_back_whole():
    """Every field of it."""
    keys = Keys([NEW])
    assert keys.open(keys.seal(OFFER)) == OFFER


def test_a_seal_fits_an_address_and_a_button():
    """With the longest ids that there are."""
    long = Offer(Act.FALSE_ALARM, "i" * 128, "440000", "a" * 128, "c" * 128, "n" * 16, 1_767_225_600_000)
    sealed = Keys([NEW]).seal(long)
    assert len(sealed) <= SEAL_CHARS_MAX
    assert set(sealed) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_keys_are_exchanged_one_after_the_other():
    """The new one seals, the old one still opens, and is no longer taken once it is gone."""
    sealed = Keys([OLD]).seal(OFFER)
    both = Keys([NEW, OLD])
    assert both.open(sealed) == OFFER
    assert Keys([NEW]).open(sealed) is None
    assert Keys([NEW]).open(both.seal(OFFER)) == OFFER


@pytest.mark.parametrize("place", range(0, 120, 7))
def test_one_sign_changed_opens_nothing(place):
    """Wherever it stands: key, offer or signature."""
    keys = Keys([NEW])
    sealed = keys.seal(OFFER)
    changed = "A" if sealed[place] != "A" else "B"
    assert keys.open(sealed[:place] + changed + sealed[place + 1 :]) is None


@given(st.text(max_size=2_000))
def test_whatever_else_comes_opens_nothing(text):
    """Without raising."""
    assert Keys([NEW]).open(text) is None
    assert not Keys([NEW]).is_form(text, "session", "seal")


def test_a_form_is_good_for_one_session_and_one_offer():
    """And for no offer at all is it a seal, nor a seal a form."""
    keys = Keys([NEW])
    sealed = keys.seal(OFFER)
    form = keys.form("session", sealed)
    assert keys.is_form(form, "session", sealed)
    assert not keys.is_form(form, "another", sealed)
    assert not keys.is_form(form, "session", sealed + "x")
    assert not keys.is_form(form, "", sealed)
    assert not keys.is_form(keys.form("", sealed), "", sealed)
    assert Keys([OLD, NEW]).is_form(form, "session", sealed)


def test_without_a_key_nothing_is_sealed():
    """A mistake that is told at the start."""
    with pytest.raises(ValueError, match="at least one key"):
        Keys([])
