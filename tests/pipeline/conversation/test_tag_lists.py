"""A tag that many rules fill is one that its readers take."""

import msgspec

from pipeline.conversation.fold import fold
from pipeline.conversation.heard import hear_events
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.state import Conversation
from pipeline.rows import Store
from pipeline.stage import Batch
from pipeline.tagging import Tagger
from schemas.base import MAX_LIST_ITEMS
from schemas.codec import Record, encode_record
from schemas.tagged import Tag
from schemas.topics import TAGGED, UTTERANCES
from tests.support import conversations as made
from tests.support.conversations import NOON_MS, values
from tests.support.made_rules import pack_with


def test_a_hundred_and_twenty_rules_on_one_word_make_a_tag_that_is_read():
    """A list with more entries than a reader takes would be refused as a whole, and with it the finding."""
    rules = (f"  r{n}: {{zh: 规则, conditions: {{a: {{any: [青山在]}}}}, then: {{tag: t{n}}}}}\n" for n in range(120))
    tagger = Tagger(pack_with("rules:\n" + "".join(rules)))
    event = made.utterance(1, text="青山在")
    batch = Batch(UTTERANCES, 0, [event], [Record(0, NOON_MS, None, b"")], hear_events([event], reader=tagger))
    (tag,) = values(fold(batch, Store(Conversation), lookups=Lookups()).outputs, TAGGED.name)
    assert len(tag.tags) == MAX_LIST_ITEMS
    assert msgspec.json.decode(encode_record(tag)[0], type=Tag) == tag
