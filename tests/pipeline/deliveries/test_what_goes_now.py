"""What goes now: pace, reserved share, bundles, digests, other ways; and what follows an attempt."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deliveries.bundle import bundle_id, bundled
from pipeline.deliveries.choose import DIGEST_AFTER_MS, RESERVED_WAITS_MS, Choice, Do, choose
from pipeline.deliveries.pace import PACES, Bucket, Pace, pace_of
from pipeline.deliveries.retry import After, after_attempt, back_off_ms, diverted
from pipeline.times import MINUTE_MS, SECOND_MS
from schemas.cards import Button, Card
from schemas.deliveries import BudgetClass, Notification, Outcome, Receiver
from schemas.vocabulary import Level

NOW = 1_767_225_600_000
HOUR_MS = 60 * MINUTE_MS
AWAY = (Receiver(channel="sms", to="duty-1"), Receiver(channel="ops", to="group"))
TEN = Pace((Bucket(10, MINUTE_MS),))
RESERVED, NORMAL, DIGEST = BudgetClass.RESERVED, BudgetClass.NORMAL, BudgetClass.DIGEST


def notice(number: int, budget_class: BudgetClass = NORMAL, **changes: object) -> Notification:
    """A notification that is news for an hour."""
    fields = {
        "notification_id": f"n{number}",
        "channel": "robot",
        "to": "group",
        "incident_id": f"i{number}",
        "step": 0,
        "budget_class": budget_class,
        "dedup_key": f"i{number}",
        "card": Card(title=f"card {number}", level=Level.EXPLICIT),
        "not_after": NOW + HOUR_MS,
        "emitted_at": NOW,
    }
    return Notification(**fields | changes)


def sent(count: int, ago_ms: int = SECOND_MS) -> list[int]:
    """So many messages went some time ago."""
    return [NOW - ago_ms] * count


@pytest.mark.parametrize(
    ("waiting", "before", "choice"),
    [
        pytest.param([], [], Choice(Do.WAIT), id="nothing waits"),
        pytest.param([notice(1)], [], Choice(Do.SEND, (notice(1),)), id="one goes"),
        pytest.param([notice(1), notice(2)], [], Choice(Do.SEND, (notice(1),)), id="room for both: one by one"),
        pytest.param([notice(1), notice(2, RESERVED)], [], Choice(Do.SEND, (notice(2, RESERVED),)), id="gravest first"),
        pytest.param(
            [notice(1), notice(2, redraws=True)],
            [],
            Choice(Do.SEND, (notice(2, redraws=True),)),
            id="a card is drawn anew by itself",
        ),
        pytest.param(
            [notice(1, RESERVED), notice(2, redraws=True)],
            [],
            Choice(Do.SEND, (notice(1, RESERVED),)),
            id="after the gravest news",
        ),
        pytest.param(
            [notice(2, RESERVED, redraws=True)],
            sent(7),
            Choice(Do.WAIT, until_ms=NOW + 59_000),
            id="within the pace, and not from the reserved share",
        ),
        pytest.param([notice(1)], sent(7), Choice(Do.WAIT, until_ms=NOW + 59_000), id="the reserved share is kept"),
        pytest.param([notice(1, RESERVED)], sent(9), Choice(Do.SEND, (notice(1, RESERVED),)), id="for the gravest"),
        pytest.param([notice(1, RESERVED)], sent(10), Choice(Do.WAIT, until_ms=NOW + 59_000), id="which has an end"),
        pytest.param(
            [notice(1, RESERVED, alternatives=AWAY)],
            sent(10),
            Choice(Do.DIVERT, (notice(1, RESERVED, alternatives=AWAY),)),
            id="no room for long: another way",
        ),
        pytest.param(
            [notice(1, RESERVED, alternatives=AWAY)],
            sent(10, 55_000),
            Choice(Do.WAIT, until_ms=NOW + 5_000),
            id="room in a moment: it waits",
        ),
        pytest.param(
            [notice(1), notice(2), notice(3, to="duty-1"), notice(4)],
            sent(6),
            Choice(Do.SEND, (notice(1), notice(2), notice(4))),
            id="too little room: one message for what goes to one receiver",
        ),
        pytest.param(
            [notice(1), notice(2, test="d1")], sent(6), Choice(Do.SEND, (notice(1),)), id="a drill is not mixed in"
        ),
        pytest.param(
            [notice(1, DIGEST)], [], Choice(Do.WAIT, until_ms=NOW + DIGEST_AFTER_MS), id="a digest gathers first"
        ),
        pytest.param(
            [notice(1, not_after=NOW)], [], Choice(Do.EXPIRE, (notice(1, not_after=NOW),)), id="exactly no news"
        ),
        pytest.param(
            [notice(1, not_after=NOW + 1)], sent(7), Choice(Do.WAIT, until_ms=NOW + 1), id="until it is no news"
        ),
    ],
)
def test_choices(waiting, before, choice):
    """Ten a minute, of which seven for what is not reserved."""
    assert choose(waiting, before, TEN, now_ms=NOW) == choice


def test_digests_go_in_one_message():
    """Five minutes after the first."""
    old = [notice(number, DIGEST, emitted_at=NOW - DIGEST_AFTER_MS) for number in range(3)]
    assert choose(old, [], TEN, now_ms=NOW) == Choice(Do.SEND, tuple(old))


@pytest.mark.parametrize(
    ("kind", "to", "is_alone"),
    [
        pytest.param("pagerduty", "group", True, id="pagerduty"),
        pytest.param("pagerduty", "duty-1", True, id="pagerduty, by a person's name"),
        pytest.param("alertmanager", "group", True, id="alertmanager"),
        pytest.param("webhook", "group", True, id="a receiver of one's own"),
        pytest.param("webhook", "duty-1", False, id="an SMS is read by a person"),
        pytest.param("dingtalk", "group", False, id="a robot"),
    ],
)
@pytest.mark.parametrize("budget_class", [NORMAL, DIGEST])
def test_a_machine_is_told_of_each_incident_by_itself(kind, to, is_alone, budget_class):
    """A bundle would open an incident of its own there, and leave those open that are over."""
    over = Card(title="over", is_over=True)
    waiting = [notice(number, budget_class, to=to, card=over, emitted_at=NOW - DIGEST_AFTER_MS) for number in range(5)]
    choice = choose(waiting, sent(5), TEN, now_ms=NOW, kind=kind)
    assert choice == Choice(Do.SEND, tuple(waiting[:1] if is_alone else waiting))


def test_a_machine_takes_a_storm_within_its_pace():
    """One by one, and no more in a minute than it takes."""
    full = choose([notice(1), notice(2)], sent(7), TEN, now_ms=NOW, kind="alertmanager")
    assert full == Choice(Do.WAIT, until_ms=NOW + 59_000)


def test_a_channel_that_is_shut_takes_nothing():
    """What waits goes when it opens; the gravest goes another way."""
    assert choose([notice(1)], [], TEN, now_ms=NOW, shut_until_ms=NOW + 30_000) == Choice(
        Do.WAIT, until_ms=NOW + 30_000
    )
    away = notice(1, RESERVED, alternatives=AWAY)
    assert choose([away], [], TEN, now_ms=NOW, shut_until_ms=NOW + 30_000) == Choice(Do.DIVERT, (away,))


@given(st.lists(st.sampled_from([RESERVED, NORMAL, DIGEST]), max_size=60), st.integers(1, 20))
def test_no_minute_holds_more_than_the_channel_takes(classes, most):
    """Over half an hour: every notification is told, never more in a minute than allowed, the gravest first."""
    pace = Pace((Bucket(most, MINUTE_MS),))
    waiting = [notice(number, budget_class) for number, budget_class in enumerate(classes)]
    at_ms, times, told = NOW, [], []
    while waiting and at_ms < NOW + HOUR_MS:
        choice = choose(waiting, times, pace, now_ms=at_ms)
        if choice.do is Do.SEND:
            if any(each.budget_class is RESERVED for each in waiting):
                assert [each.budget_class for each in choice.notifications] == [RESERVED]
            times.append(at_ms)
            told += choice.notifications
            waiting = [each for each in waiting if each not in choice.notifications]
        else:
            assert choice.do is Do.WAIT
            assert choice.until_ms > at_ms
            at_ms = choice.until_ms
    assert sorted(each.notification_id for each in told) == sorted(f"n{number}" for number in range(len(classes)))
    for start in times:
        assert sum(start <= each < start + MINUTE_MS for each in times) <= most


def test_every_kind_has_a_pace_below_its_vendor():
    """DingTalk and WeCom 20 a minute, Feishu 100 a minute and 5 a second; the operator may say otherwise."""
    assert PACES["dingtalk"] == PACES["wecom"] == Pace((Bucket(18, MINUTE_MS),))
    assert PACES["feishu"] == Pace((Bucket(4, SECOND_MS), Bucket(90, MINUTE_MS)))
    assert pace_of("dingtalk", 5) == Pace((Bucket(5, MINUTE_MS),))


def test_a_bundle_names_what_is_in_it():
    """Each title, the gravest level, and how many more there are."""
    button = Button(label="看板", url="https://board.example.com")
    grave = notice(99, card=Card(title="grave", level=Level.HIGH_RISK, buttons=(button,)))
    card = bundled([*(notice(number) for number in range(20)), grave])
    assert card.title == "合并通知 21 条｜高危投诉 1 条，明确投诉 20 条"
    assert card.level is Level.HIGH_RISK
    assert card.buttons == (button,)
    assert [fact.value for fact in card.facts][:2] == ["card 0", "card 1"]
    assert card.facts[-1].value == "另有 6 条，见看板"
    assert bundled([grave]) == grave.card


def test_the_id_of_a_bundle_is_made_of_what_is_in_it():
    """The same ones the same id, others another; one alone keeps its own."""
    one, two, three = notice(1), notice(2), notice(3)
    assert bundle_id([one]) == "n1"
    assert bundle_id([one, two]) == bundle_id([one, two])
    assert len({bundle_id([one, two]), bundle_id([one, two, three]), bundle_id([one, three])}) == 3


@pytest.mark.parametrize(
    ("outcome", "changes", "attempt", "after", "at_ms", "shut_ms"),
    [
        pytest.param(Outcome.ACCEPTED, {}, 1, After.DONE, 0, 0, id="taken"),
        pytest.param(Outcome.UNREACHABLE, {}, 1, After.AGAIN, 1_000, 0, id="first failure"),
        pytest.param(Outcome.UNREACHABLE, {}, 4, After.AGAIN, 8_000, 0, id="fourth failure, no other way"),
        pytest.param(Outcome.UNREACHABLE, {}, 9, After.AGAIN, 30_000, 0, id="for as long as it is news"),
        pytest.param(Outcome.UNREACHABLE, {"alternatives": AWAY}, 3, After.AGAIN, 4_000, 0, id="third"),
        pytest.param(Outcome.UNREACHABLE, {"alternatives": AWAY}, 4, After.DIVERT, 0, 0, id="fourth: another way"),
        pytest.param(
            Outcome.UNREACHABLE, {"alternatives": AWAY, "budget_class": RESERVED}, 2, After.DIVERT, 0, 0, id="sooner"
        ),
        pytest.param(Outcome.RATE_LIMITED, {}, 1, After.AGAIN, 600_000, 600_000, id="mute for ten minutes: it waits"),
        pytest.param(
            Outcome.RATE_LIMITED,
            {"alternatives": AWAY, "budget_class": RESERVED},
            1,
            After.DIVERT,
            600_000,
            600_000,
            id="mute: the gravest goes another way at once",
        ),
        pytest.param(Outcome.REFUSED, {}, 1, After.GIVE_UP, 0, 0, id="refused, and no other way"),
        pytest.param(Outcome.REFUSED, {"alternatives": AWAY}, 1, After.DIVERT, 0, 0, id="refused: another way"),
        pytest.param(
            Outcome.UNAUTHORISED, {"alternatives": AWAY}, 1, After.DIVERT, 0, 300_000, id="nobody else is tried here"
        ),
    ],
)
def test_what_follows_an_attempt(outcome, changes, attempt, after, at_ms, shut_ms):
    """Times are from now; 0 is no moment."""
    retry_ms = 600_000 if outcome is Outcome.RATE_LIMITED else None
    verdict = after_attempt(
        notice(1, **changes), outcome, attempt=attempt, failures=1, now_ms=NOW, retry_after_ms=retry_ms
    )
    assert verdict.after is after
    if outcome is Outcome.UNREACHABLE and at_ms:
        assert NOW + at_ms // 2 <= verdict.at_ms <= NOW + at_ms
    else:
        assert verdict.at_ms == (NOW + at_ms if at_ms else 0)
    assert verdict.shut_until_ms == (NOW + shut_ms if shut_ms else 0)


def test_what_failed_together_comes_back_apart():
    """A thousand messages of one minute are spread over the second half of their wait; each repeat waits the same."""
    waits = [back_off_ms(notice(number), attempt=3) for number in range(1_000)]
    assert waits == [back_off_ms(notice(number), attempt=3) for number in range(1_000)]
    tenths = Counter((wait - 2_000) * 10 // 2_001 for wait in waits)
    assert set(tenths) == set(range(10))
    assert max(tenths.values()) < 200
    assert len({back_off_ms(notice(1), attempt=attempt) for attempt in range(5, 15)}) > 5
    named = after_attempt(notice(1), Outcome.UNREACHABLE, attempt=1, failures=1, now_ms=NOW, retry_after_ms=7_000)
    assert named.at_ms == NOW + 7_000, "a moment that the vendor named is kept"


@pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.RATE_LIMITED])
@pytest.mark.parametrize("attempt", [1, 2, 3, 4, 5, 50])
def test_after_no_seconds_is_not_at_once(outcome, attempt):
    """A vendor that says `Retry-After: 0` is asked again as slowly as one that says nothing."""
    one = notice(1)
    verdict = after_attempt(one, outcome, attempt=attempt, failures=1, now_ms=NOW, retry_after_ms=0)
    assert (verdict.after, verdict.at_ms) == (After.AGAIN, NOW + back_off_ms(one, attempt=attempt))


@pytest.mark.parametrize(
    ("changes", "failures", "retry_after_ms", "after"),
    [
        pytest.param({}, 1, RESERVED_WAITS_MS, After.AGAIN, id="as long as it may wait for room"),
        pytest.param({}, 1, RESERVED_WAITS_MS + 1, After.DIVERT, id="longer"),
        pytest.param({}, 1, 3_600_000, After.DIVERT, id="an hour"),
        pytest.param({}, 3, None, After.DIVERT, id="the channel is shut for longer"),
        pytest.param({"alternatives": ()}, 1, 3_600_000, After.AGAIN, id="no other way"),
        pytest.param({"budget_class": NORMAL}, 1, 3_600_000, After.AGAIN, id="what is not reserved waits"),
    ],
)
def test_the_gravest_does_not_wait_for_a_vendor_that_is_away(changes, failures, retry_after_ms, after):
    """However long it asks to be left alone: there is another way."""
    one = notice(1, **{"budget_class": RESERVED, "alternatives": AWAY} | changes)
    verdict = after_attempt(
        one, Outcome.UNREACHABLE, attempt=1, failures=failures, now_ms=NOW, retry_after_ms=retry_after_ms
    )
    assert verdict.after is after


def test_three_failures_in_a_row_shut_a_channel():
    """For half a minute nothing else is tried; a card that cannot be changed says nothing of new ones."""
    verdict = after_attempt(notice(1), Outcome.UNREACHABLE, attempt=1, failures=3, now_ms=NOW)
    assert (verdict.at_ms, verdict.shut_until_ms) == (NOW + 30_000, NOW + 30_000)
    for failures, redraws, shut_ms in ((2, False, 0), (3, False, NOW + 30_000), (3, True, 0)):
        refused = after_attempt(notice(1, redraws=redraws), Outcome.REFUSED, attempt=1, failures=failures, now_ms=NOW)
        assert (refused.after, refused.shut_until_ms) == (After.GIVE_UP, shut_ms)


def test_another_way_keeps_everything_but_the_way():
    """The id says where it comes from, and a repeat has the same; the last way has none after it."""
    first = diverted(notice(1, RESERVED, alternatives=AWAY), now_ms=NOW + 5)
    assert (first.channel, first.to, first.alternatives) == ("sms", "duty-1", AWAY[1:])
    assert first.notification_id == "via:n1:sms:duty-1"
    assert (first.card, first.not_after, first.budget_class) == (notice(1).card, notice(1).not_after, RESERVED)
    assert diverted(first, now_ms=NOW).alternatives == ()
