"""Hot words from alerts: found when they are new, quiet when they are usual, told once, the same however cut."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.hotwords.state import TAKEN_MAX, counted_key
from pipeline.incidents.grouping import Group, group_of
from schemas.evidence import Reason
from schemas.hotwords import HourOfWords
from schemas.vocabulary import AlertKind, ChannelClass, Level, ReasonGroup, ThreatGroup
from tests.support.sayings import HOUR, MINUTE, START_MS, hot_words, outbreaks, overs, quiet_day, run, saying, tick

NEW = "充电宝鼓包了，吓人"
SAFETY = (Reason(l1=ReasonGroup.PRODUCT, l2="safety"),)
OFFLINE = (ThreatGroup.GROUP_OFFLINE,)


def bulging(count=8, *, every=4 * MINUTE, since=24 * HOUR, **changes):
    """Customers whose power banks bulge, from two regions."""
    return [
        saying(1_000 + n, since + n * every, f"客户{n}号说{NEW}", **{"region": ("440000", "110000")[n % 2]} | changes)
        for n in range(count)
    ]


@cache
def after(*events):
    """What a quiet day and then these come to."""
    ticks = [tick(24 * HOUR + minute * MINUTE) for minute in range(1, 150)]
    return run([*quiet_day(), *sorted((*events, *ticks), key=_at)])


def _at(event):
    return getattr(event, "occurred_at", None) or event.now_ms


def hot_terms(snapshots):
    """Every term that was ever called hot."""
    return {term.term for words in snapshots for term in words.terms if term.is_hot}


def test_a_quiet_day_has_no_hot_words():
    """The usual is never hot, and nothing is while it is being learnt."""
    outputs, _ = after()
    assert hot_terms(hot_words(outputs)) == set()
    assert hot_words(outputs)[0].is_learning
    assert not hot_words(outputs)[-1].is_learning
    assert outbreaks(outputs) == []


def test_a_new_word_is_hot_within_the_hour():
    """Whole words, not their parts, with their region, new, with examples of different customers."""
    outputs, _ = after(*bulging())
    hottest = max(hot_words(outputs), key=lambda words: max((term.count for term in words.terms), default=0))
    term = next(term for term in hottest.terms if term.term == "充电宝鼓包")
    assert term.is_hot
    assert term.is_new
    assert term.customers == term.count
    assert set(term.regions) == {"440000", "110000"}
    assert len({example.text_masked for example in term.examples}) == len(term.examples) == 3
    assert {"充电宝", "鼓包", "电宝"}.isdisjoint(hot_terms(hot_words(outputs)))
    assert hot_terms(hot_words(outputs, "440000")) == set()  # four in an hour are too few for one region
    assert [set(theme.terms) for theme in hottest.themes] == [{"充电宝鼓包", "吓人"}]
    assert hot_words(outputs)[-1].terms == ()


def test_more_of_the_usual_is_hot_but_not_new():
    """What is always said becomes hot when it is said much more often, and no outbreak by that alone."""
    outputs, _ = after(*(saying(2_000 + n, 24 * HOUR + n * MINUTE, "快递丢件了要赔偿") for n in range(30)))
    hot = [term for words in hot_words(outputs) for term in words.terms if term.is_hot]
    assert "快递丢件" in {term.term for term in hot}
    assert not any(term.is_new for term in hot)
    assert outbreaks(outputs) == []


@pytest.mark.parametrize(
    ("events", "why"),
    [
        pytest.param(bulging(4), "four are too few", id="too few"),
        pytest.param(bulging(8, customer_key="k1"), "one customer is no crowd", id="one customer"),
        pytest.param(bulging(8, test="drill-1"), "a drill is not said in earnest", id="a drill"),
        pytest.param(bulging(8, kind=AlertKind.SURGE), "an alert about alerts says nothing", id="no conversation"),
        pytest.param(bulging(8, every=30 * MINUTE), "spread over hours", id="over hours"),
    ],
)
def test_what_is_not_hot(events, why):
    """A term needs five conversations of three customers in an hour."""
    outputs, _ = after(*events)
    assert hot_terms(hot_words(outputs)) == set(), why
    assert not any("鼓包" in term.term for words in hot_words(outputs) for term in words.terms)


def test_a_conversation_counts_once_however_often_it_rises():
    """The same quote in the alert of the next level is no second conversation."""
    again = [saying(1_000 + n % 4, 24 * HOUR + n * MINUTE, NEW, alert_id=f"level_rise:c{n % 4}:{n}") for n in range(12)]
    outputs, _ = after(*again)
    assert hot_terms(hot_words(outputs)) == set()


def test_what_is_of_no_use_any_more_is_forgotten():
    """A day later only what is usual is left of a conversation."""
    ticks = [tick(minutes * MINUTE) for minutes in range(0, 25 * 60, 4)]
    _, rows = run([saying(1, 0, NEW), *ticks], most=1)
    assert {key.split(b"|")[0] for _, key in rows} == {b"place", b"usual"}
    assert (0, counted_key("c1")) in run([saying(1, 0, NEW), *ticks[:100]], most=1)[1]


def test_an_outbreak_is_told_once():
    """A new word from two regions: one alert with masked evidence, in the region where it was heard first."""
    outputs, _ = after(*bulging(12))
    (alert,) = outbreaks(outputs)
    assert alert.kind is AlertKind.OUTBREAK
    assert alert.region == "440000"
    assert alert.level is Level.EXPLICIT
    assert alert.count is not None
    assert alert.count >= 5
    assert len(alert.evidence) == 3
    assert {"region:440000", "region:110000"} <= set(alert.tags)


@pytest.mark.parametrize("ahead_ms", [HOUR, 20 * HOUR], ids=["an hour", "20 hours"])
def test_a_clock_that_is_ahead_hides_no_outbreak(ahead_ms):
    """What it says counts when it was sent, and no place goes with it; neither does the storm become the usual."""
    since_ms = 24 * HOUR
    ahead = saying(7_000, since_ms + ahead_ms, "退款一直没到账", emitted_at=START_MS + since_ms - 1)
    ticks = [tick(since_ms + minute * MINUTE) for minute in range(150)]
    outputs, rows = run([*quiet_day(), ahead, *sorted((*bulging(12), *ticks), key=_at)])
    assert [alert.keywords for alert in outbreaks(outputs)] == [("充电宝鼓包", "吓人")]
    assert hot_terms(hot_words(outputs)) >= {"充电宝鼓包", "吓人"}
    until_ms = START_MS + since_ms + 150 * MINUTE
    assert all(row.place.minute * MINUTE < until_ms for row in rows.values() if row.place is not None)


def test_an_outbreak_that_is_not_seen_for_an_hour_is_over():
    """Told once, where its begin was told, under the same fingerprint, so that its incident and what it mutes end."""
    last = bulging(12)[-1]
    ticks = [tick(24 * HOUR + minute * MINUTE) for minute in range(150, 300)]
    outputs, rows = after(*bulging(12), *ticks)
    (begun,), (over,) = outbreaks(outputs), overs(outputs)
    assert (over.region, over.fingerprint, over.level) == (begun.region, begun.fingerprint, begun.level)
    assert over.alert_id != begun.alert_id
    assert over.occurred_at >= last.occurred_at + HOUR
    assert group_of(over) == Group(group_of(begun).key, is_over=True)
    assert [row.place.outbreaks for row in rows.values() if row.place is not None and row.place.outbreaks] == []


def test_a_word_of_one_region_and_channel_is_no_outbreak():
    """It is hot, and that is all."""
    outputs, _ = after(*bulging(8, region="440000"))
    assert hot_terms(hot_words(outputs, "440000"))
    assert outbreaks(outputs) == []


def test_a_product_with_the_same_fault_is_an_outbreak_without_a_common_word():
    """Three customers on two channels, the same reason, the same batch; high risk where one of them is."""
    quotes = ("烫得拿不住", "冒黑烟", "充不进去")
    events = [
        saying(
            3_000 + n,
            24 * HOUR + n * 10 * MINUTE,
            quote,
            reasons=SAFETY,
            product="p9",
            batch="b1",
            channel=(ChannelClass.VOICE, ChannelClass.CHAT)[n % 2],
            level=(Level.EXPLICIT, Level.HIGH_RISK)[n == 2],
        )
        for n, quote in enumerate(quotes)
    ]
    (alert,) = outbreaks(after(*events)[0])
    assert (alert.product, alert.batch, alert.reasons) == ("p9", "b1", SAFETY)
    assert alert.level is Level.HIGH_RISK
    assert {each.text_masked for each in alert.evidence} == set(quotes)


@pytest.mark.parametrize(
    ("apart", "customers", "count"),
    [
        pytest.param(MINUTE, ("k1", "k2"), 1, id="within a minute"),
        pytest.param(23 * HOUR, ("k1", "k2"), 1, id="within a day"),
        pytest.param(25 * HOUR, ("k1", "k2"), 0, id="not within a day"),
        pytest.param(MINUTE, ("k1", "k1"), 0, id="one customer twice"),
    ],
)
def test_two_who_call_each_other_together_are_enough(apart, customers, count):
    """A call to act about one product needs no odds, and is remembered for a day; it is told once."""
    events = [
        saying(
            4_000 + n, n * apart, "大伙拉群", product="p9", threats=(ThreatGroup.GROUP_OFFLINE,), customer_key=customer
        )
        for n, customer in enumerate(customers)
    ]
    ticks = [tick(n * apart + minute * MINUTE) for n in range(2) for minute in range(1, 90)]
    told = outbreaks(run(sorted((*events, *ticks), key=_at), most=1)[0])
    assert [(alert.product, len(alert.evidence)) for alert in told] == [("p9", 2)] * count


@pytest.mark.parametrize(
    ("product", "batch"),
    [
        pytest.param("T恤|白色|XL", "b1", id="in the product"),
        pytest.param("T恤", "b|1", id="in the batch"),
        pytest.param("|", "", id="nothing else"),
    ],
)
def test_an_outbreak_names_the_product_as_it_was_sent(product, batch):
    """Whatever signs are in its name, in the alert that it began and in the one that it is over."""
    ticks = [tick(24 * HOUR + minute * MINUTE) for minute in range(150, 300)]
    outputs, _ = after(*faulty(product, batch), *ticks)
    (begun,), (over,) = outbreaks(outputs), overs(outputs)
    assert (begun.product, begun.batch, begun.reasons) == (product, batch, SAFETY)
    assert (over.product, over.batch, over.reasons) == (product, batch, SAFETY)


def test_two_products_are_two_although_their_names_read_alike_together():
    """A sign in the name of one does not make it a batch of the other."""
    both = (*faulty("A|B", "", count=2), *faulty("A", "B", count=2, first=3_100))
    assert outbreaks(after(*both)[0]) == []


def faulty(product, batch, *, count=4, first=3_000):
    """Customers with one fault of one batch in words that differ, over two channels."""
    quotes = ("烫得拿不住", "冒黑烟", "充不进去", "一碰就碎")
    return tuple(
        saying(
            first + n,
            24 * HOUR + n * 10 * MINUTE,
            quotes[n],
            reasons=SAFETY,
            product=product,
            batch=batch,
            channel=(ChannelClass.VOICE, ChannelClass.CHAT)[n % 2],
        )
        for n in range(count)
    )


def nobody(count):
    """Bulging power banks of customers whom the source does not name."""
    return bulging(count, every=MINUTE, customer_key="")


def named(count):
    """The same of customers whom it names."""
    return [saying(8_000 + n, 24 * HOUR, NEW) for n in range(count)]


@pytest.mark.parametrize(
    ("events", "customers"),
    [
        pytest.param(nobody(8), None, id="eight of nobody"),
        pytest.param(nobody(14), None, id="one too few of nobody"),
        pytest.param(nobody(15), 3, id="fifteen of nobody are three"),
        pytest.param((*nobody(4), *named(2)), None, id="two and four of nobody"),
        pytest.param((*nobody(5), *named(2)), 3, id="two and five of nobody"),
    ],
)
def test_who_is_not_known_may_be_the_same_again(events, customers):
    """Five conversations without a key count as one customer: fewer than three are neither shown nor told."""
    outputs, _ = after(*events)
    told = [alert.tags[0] for alert in outbreaks(outputs)]
    shown = [term for words in hot_words(outputs) for term in words.terms if "鼓包" in term.term]
    assert told == ([] if customers is None else [f"customers:{customers}"])
    assert {term.customers for term in shown} <= {3}
    assert bool(shown) is (customers is not None)
    if customers is not None:  # one quote of all who are not known
        quotes = 1 + sum(bool(each.customer_key) for each in events)
        assert max(len(term.examples) for term in shown) == quotes
        assert [len(alert.evidence) for alert in outbreaks(outputs)] == [quotes]


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        pytest.param(("", ""), 0, id="nobody twice"),
        pytest.param(("k1", ""), 0, id="a customer and nobody"),
        pytest.param(("k1", *[""] * 5), 1, id="a customer and nobody five times"),
        pytest.param(("",) * 9, 0, id="nobody nine times"),
        pytest.param(("",) * 10, 1, id="nobody ten times"),
    ],
)
def test_who_calls_twice_calls_nobody_together(keys, count):
    """A line drops, and the same person without a key says it again."""
    events = [
        saying(4_000 + n, n * 5 * MINUTE, "大伙拉群", product="p9", threats=OFFLINE, customer_key=key)
        for n, key in enumerate(keys)
    ]
    ticks = [tick(minute * MINUTE) for minute in range(1, 90)]
    told = outbreaks(run(sorted((*events, *ticks), key=_at), most=1)[0])
    assert [(alert.product, alert.tags[0]) for alert in told] == [("p9", "customers:2")] * count


def test_the_hours_are_kept_for_history():
    """When an hour is over its counts go out; a term of fewer than three customers is in none."""
    outputs, _ = after(*bulging(8), saying(9_000, 24 * HOUR, "罕见毛病"))
    hours = [each.value for each in outputs if isinstance(each.value, HourOfWords) and each.value.place == "all"]
    assert len(hours) == 25
    assert hours[-1].counts["充电宝鼓包"] == 8
    assert hours[-1].conversations == 9
    assert not any("罕见" in term for hour in hours for term in hour.counts)


def test_in_a_storm_only_so_many_are_read():
    """The work of a minute is bounded, and what was not read is told."""
    storm = [saying(5_000 + n, 24 * HOUR + n * 100, "停电了没人管") for n in range(100)]
    outputs, _ = after(*storm)
    words = next(words for words in hot_words(outputs, "440000") if words.unread)
    assert words.unread == 100 - TAKEN_MAX
    assert hot_terms([words])


def by_key(outputs):
    """What a reader of one key sees."""
    found = {}
    for each in outputs:
        found.setdefault((each.topic.name, each.key), []).append(each.value)
    return found


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.one_of(
            st.builds(
                lambda n, at, quote, region, about: saying(
                    n, at * 30_000, quote, region=region, customer_key=f"k{n % 7}", **about
                ),
                st.integers(0, 15),
                st.integers(0, 400),
                st.sampled_from([NEW, "快递丢件了要赔偿", "退款一直没到账，快递丢件"]),
                st.sampled_from(["440000", "110000"]),
                st.sampled_from(
                    [
                        {},
                        {"product": "p9", "reasons": SAFETY},
                        {"product": "p9", "threats": (ThreatGroup.GROUP_OFFLINE,)},
                    ]
                ),
            ),
            st.builds(lambda at: tick(at * MINUTE), st.integers(0, 300)),
        ),
        max_size=60,
    ),
    st.integers(1, 9),
)
def test_where_batches_end_makes_no_difference(events, most):
    """The same rows, and on each key the same records in the same order."""
    outputs, rows = run(events)
    cut_outputs, cut_rows = run(events, most=most)
    assert cut_rows == rows
    assert by_key(cut_outputs) == by_key(outputs)
