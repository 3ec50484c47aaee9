"""Hot words on the board: the newest of each place, masked, with a day of history; on the page in both languages."""

import asyncio

import pytest

from agents.board.hotwords import HOURS, Words
from agents.board.reader import wall_ms
from pipeline.times import HOUR_MS
from schemas.hotwords import Example, HotTerm, HotWords, HourOfWords, Theme
from schemas.vocabulary import ChannelClass, Level
from tests.support.boards import served
from tests.support.browser import chromium, tab

NOW_MS = 1_763_697_600_000 + 5 * 60_000


def words(at_ms=NOW_MS, *, place="all", version=1, quote="充电宝鼓包了，电话13800138000", term="鼓包"):
    """One hot term and one that is only frequent."""
    example = Example(text_masked=quote, region="440000", channel=ChannelClass.CHAT, occurred_at=at_ms)
    hot = HotTerm(
        term=term, count=9, customers=8, is_hot=True, is_new=True, expected=0.1, ratio=81.2, level=Level.EXPLICIT,
        regions=("440000",), examples=(example,),
    )  # fmt: skip
    return HotWords(
        place=place, window_end=at_ms, window_s=3600, version=version, conversations=120, unread=0, is_learning=False,
        missed=0, terms=(hot, HotTerm(term="退款", count=31, customers=16, expected=28.0, ratio=1.1)),
        themes=(Theme(name=term, terms=(term, "充电宝")),),
    )  # fmt: skip


def hour(hours_ago, count, *, place="all"):
    """A full hour before now."""
    start_ms = NOW_MS - NOW_MS % HOUR_MS - hours_ago * HOUR_MS
    return HourOfWords(place=place, hour_start=start_ms, conversations=50, missed=0, counts={"鼓包": count})


def test_the_newest_of_a_place_is_shown_masked():
    """An older version changes nothing; what is on the topic is masked once more."""
    board = Words()
    for each in (words(version=2), words(version=1, term="旧词"), words(place="440000", term="别处")):
        board.take(each)
    shown = board.view("all", now_ms=NOW_MS)
    assert [term.term for term in shown.terms] == ["鼓包", "退款"]
    assert shown.terms[0].examples[0].text == "充电宝鼓包了，电话[手机]"
    assert shown.themes == (("鼓包", "充电宝"),)
    assert board.view("440000", now_ms=NOW_MS).terms[0].term == "别处"


def test_terms_and_themes_are_masked_once_more():
    """Whoever else writes to the topic may not have done it: a number is no term, and no part of a theme."""
    board = Words()
    board.take(words(term="13800138000"))
    shown = board.view("all", now_ms=NOW_MS)
    assert shown.terms[0].term == "[手机]"
    assert shown.themes == (("[手机]", "充电宝"),)


def test_history_is_the_day_before():
    """Twenty-four full hours, the oldest first; hours beyond are let go."""
    board = Words()
    board.take(words())
    for each in (hour(1, 4), hour(3, 2), hour(24, 7), hour(30, 9)):
        board.take_hour(each)
    board.forget(now_ms=NOW_MS)
    hot, frequent = board.view("all", now_ms=NOW_MS).terms
    assert len(hot.hours) == HOURS
    assert (hot.hours[-1], hot.hours[-3], hot.hours[0], sum(hot.hours)) == (4, 2, 7, 13)
    assert frequent.hours == ()


@pytest.mark.parametrize("place", ["110000", "all"])
def test_what_is_not_known_is_said(place):
    """Nothing at all, or nothing of the last two hours: no terms, and no time until when."""
    board = Words()
    board.take(words(NOW_MS - 3 * HOUR_MS))
    board.take(words(place="nowhere"))
    shown = board.view(place, now_ms=NOW_MS)
    assert (shown.until, shown.terms, shown.is_learning) == (0, (), True)


async def test_the_page_shows_them():
    """The panel fills by itself, opens by keyboard, follows the region, speaks both languages, and breaks no rule."""
    async with served() as board:
        beat = asyncio.create_task(board.live.run())
        async with chromium() as browser, tab(browser, str(board.client.make_url("/"))) as desk:
            await desk.until("document.querySelector('#word-list').textContent.includes('还没有记录')")
            now_ms = wall_ms()
            board.model.take(words(now_ms))
            board.model.take(words(now_ms, place="440000", term="漏水"))
            await desk.until("document.querySelectorAll('#word-list details').length === 2")
            await desk.page.focus("#word-list summary")
            await desk.page.keyboard.press("Enter")
            await desk.until("document.querySelector('#word-list details').open")
            text = await desk.text("#word-list")
            assert "鼓包 9 ×81" in text
            assert "[手机]" in text
            assert "13800138000" not in await desk.page.content()
            assert "主题：鼓包、充电宝" in await desk.text("#themes")
            assert await desk.violations() == []
            await desk.page.select_option("#region", "440000")
            await desk.until("document.querySelector('#word-list').textContent.includes('漏水')")
            await desk.page.click("#language")
            await desk.until("document.querySelector('#words-title').textContent.includes('Hot words')")
            assert desk.errors == []
            assert desk.strangers == []
        beat.cancel()


async def test_a_region_that_is_none_is_refused():
    """As in every list of the board."""
    async with served() as board:
        assert (await board.get("/api/words?region=440000"))[0] == 200
        assert (await board.get("/api/words?region=guangdong"))[0] == 400
