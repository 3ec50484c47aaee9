"""The sample that tickets' rows are packed by."""

from hashlib import sha256

import msgspec

from pipeline.tickets.sample import SAMPLE
from pipeline.tickets.state import TicketRow


def test_the_sample_is_what_it_was():
    """Rows in the changelogs of those who run this can only be read with it."""
    assert sha256(SAMPLE).hexdigest()[:16] == "29d972034ecb4b9f"


def test_the_sample_is_a_ticket_of_today():
    """Whoever renames a field should know that rows then pack less well."""
    assert msgspec.json.decode(SAMPLE, type=TicketRow).ticket.standing.group_id == "after_sales"
