"""Keys of customers: one person, one key, however the number was written."""

import hmac

import pytest

from pipeline.intake.people import KEY_CHARS, CustomerKeys
from tests.support.webhooks import COMPANY_SECRET, PHONE

KEYS = CustomerKeys(COMPANY_SECRET)
SAME = CustomerKeys(b"0123456789abcdef").key("ns", PHONE)


def test_a_mobile_number_keeps_the_key_that_it_had():
    """The key of the eleven digits, as computed by the formula of the docs."""
    assert SAME == "c7989ed34dd73f2c814aef8ce55bc0fb"


@pytest.mark.parametrize(
    "number",
    [
        int(PHONE),
        f"+86{PHONE}",
        "+86 138 0013 8000",
        "+86 138-0013-8000",
        f"0{PHONE}",
        f"0086{PHONE}",
        f"86{PHONE}",
        int(f"86{PHONE}"),
        f"tel:+86{PHONE}",
        f" {PHONE} ",
    ],
)
def test_one_mobile_number_is_one_customer(number):
    """Each system writes it in its own way."""
    assert KEYS.key("ns", number) == KEYS.key("ns", PHONE)


@pytest.mark.parametrize(
    "other",
    [
        f"u{PHONE}",
        f"{PHONE}1",
        f"+1{PHONE}",
        "+1 380 013 8000",
        "contact:13800138000",
        "0755-12345678",
        "12800138000",
        f"{PHONE}@example.com",
    ],
)
def test_what_is_no_mobile_number_stays_as_it_is(other):
    """Ids of any other kind are told apart by every sign."""
    plain = hmac.new(COMPANY_SECRET, f"ns:{other}".encode(), "sha256").hexdigest()[:KEY_CHARS]
    assert KEYS.key("ns", other) == plain
