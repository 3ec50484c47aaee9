"""What is kept and told of a customer's contacts, in numbers: 72 hours, 24 contacts, three of them by name."""

import pytest

from agents.stages.customers import CUSTOMERS
from pipeline.contacts import Customer, fold
from pipeline.kpis.tallies import is_tally
from pipeline.rows import Store
from pipeline.runner import Incoming, Runner
from pipeline.stage import Batch
from schemas import codec
from schemas.codec import Record
from schemas.contacts import Contact, CustomerContext
from schemas.topics import CONTACTS
from schemas.vocabulary import ChannelClass
from tests.support.conversations import HOUR, MINUTE, NOON_MS

DAY = 24 * HOUR
HOURS_72 = 72 * HOUR


def contact(number: int, at_ms: int) -> Contact:
    """One call of the customer."""
    return Contact(
        contact_id=f"contact:{number}",
        customer_key="k1",
        conversation_id=f"c{number}",
        episode=1,
        channel=ChannelClass.VOICE,
        started_at=NOON_MS + at_ms,
        occurred_at=NOON_MS + at_ms,
        emitted_at=NOON_MS + at_ms,
    )


def told(*at_ms: int) -> list[CustomerContext]:
    """Which calls are told of those before them, through the declared stage."""
    runner = Runner([CUSTOMERS], partition_of=lambda key: 0)
    outputs = []
    for number, moment in enumerate(at_ms):
        body, headers = codec.encode_record(contact(number, moment))
        outputs += runner.feed([Incoming(CONTACTS, 0, Record(number, NOON_MS + moment, b"k1", body, headers))])
    return [output.value for output in outputs if isinstance(output.value, CustomerContext)]


def counts(contexts: list[CustomerContext]) -> list[tuple[str, int]]:
    """Whom a context is for, and the how many contacts that makes."""
    return [(each.conversation_id, each.background.contacts) for each in contexts]


@pytest.mark.parametrize(
    ("at_ms", "expected"),
    [
        pytest.param([0], [], id="the first"),
        pytest.param([0, HOURS_72], [("c1", 2)], id="72 hours"),
        pytest.param([0, HOURS_72 + 1], [], id="a millisecond more"),
        pytest.param([0, 2 * DAY, 4 * DAY], [("c1", 2), ("c2", 2)], id="every other day: never a third contact"),
        pytest.param([0, DAY, 3 * DAY], [("c1", 2), ("c2", 3)], id="three within three days"),
    ],
)
def test_what_began_72_hours_before_counts(at_ms, expected):
    """Both sides of the boundary, each contact by its own 72 hours; nobody is told where nothing was before."""
    assert counts(told(*at_ms)) == expected


def test_three_are_named_and_24_are_kept():
    """Who comes thirty times has come often: the card names the newest three, the row holds 24."""
    contexts = told(*(number * MINUTE for number in range(30)))
    assert [context.background.contacts for context in contexts] == [*range(2, 26), *[25] * 5]
    assert [each.conversation_id for each in contexts[-1].background.earlier] == ["c28", "c27", "c26"]
    assert kept(*(number * MINUTE for number in range(30))) == [f"c{number}" for number in range(6, 30)]


def kept(*at_ms: int) -> list[str]:
    """The calls that the row of their customer holds."""
    store: Store[Customer] = Store(Customer)
    contacts = [contact(number, moment) for number, moment in enumerate(at_ms)]
    store.apply(fold(Batch(CONTACTS, 0, contacts, ()), store).changes, now_ms=0)
    (row,) = (row for key, row in store.items() if not is_tally(key))
    return [each.conversation_id for each in row.contacts]


def test_what_began_longer_ago_than_72_hours_is_let_go():
    """Both sides of the boundary, by the newest contact."""
    assert kept(0, 1, HOURS_72 + 1) == ["c1", "c2"]
