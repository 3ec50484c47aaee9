"""The page of back-tests in a real Chromium: both sides, what changed, masked, in both languages."""

from agents.backtest.saved import Backtest, save
from agents.settings import Board
from tests.support.alerts import DAY, HOUR_START_MS
from tests.support.backtests import NEW_WORD, comparison, history
from tests.support.boards import served
from tests.support.browser import PHONE, chromium, tab
from tests.support.packs import files_with


async def test_a_comparison_is_read_and_the_board_is_one_click_away(tmp_path):
    """Levels, shares with counts, rules, days, texts; a link names which one; English; nothing wrong for axe."""
    save(tmp_path, Backtest(1_700_000_000_000, HOUR_START_MS, HOUR_START_MS + DAY, comparison()))
    save(tmp_path, Backtest(1_800_000_000_000, 0, HOUR_START_MS, comparison()))
    async with (
        served(Board(backtests=tmp_path)) as board,
        chromium() as browser,
        tab(browser, str(board.client.make_url("/"))) as desk,
    ):
        await desk.until("document.querySelector('#backtests').textContent === '规则回测'")
        await desk.page.click("#backtests")
        await desk.until("document.querySelectorAll('#sides tbody tr').length > 3")
        assert "id=1800000000000" in desk.page.url
        assert "历史，不是实时" in await desk.text("header")
        sides = await desk.text("#sides")
        assert "50.0 %（1/2）" in sides
        assert "高危投诉" in sides
        assert "level.explicit:new" in await desk.text("#rules tbody")
        assert "广东" in await desk.text("#days tbody")
        assert "新的说法，电话[手机]" in await desk.text("#added")
        assert "旧的说法" in await desk.text("#removed")
        assert await desk.violations() == []
        await desk.page.select_option("#chosen", "1700000000000")
        await desk.until("location.search.includes('1700000000000')")
        await desk.page.click("#language")
        await desk.until("document.documentElement.lang === 'en'")
        assert "Precision" in await desk.text("#sides")
        await desk.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        wide = (
            "[...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > innerWidth"
        )
        wide += " && !each.closest('.wide')).map((each) => each.outerHTML.slice(0, 80))"
        assert await desk.page.evaluate(wide) == []
        assert (desk.errors, desk.strangers) == ([], [])


async def test_one_is_started_from_the_page(tmp_path):
    """A pack with mistakes is refused with every line of them; put right, it runs, and its result is shown."""
    ((_, data),) = files_with(NEW_WORD)
    (tmp_path / "days.jsonl").write_bytes(b"".join(record.as_line() for record in history()))
    (tmp_path / "own.yaml").write_bytes(data)
    (tmp_path / "wrong.yaml").write_text("cues:\n  a: {level: explicit, score: many}\nsurges: 1\n", encoding="utf-8")
    settings = Board(backtests=tmp_path / "kept", backtest_recordings=tmp_path)
    async with (
        served(settings) as board,
        chromium() as browser,
        tab(browser, str(board.client.make_url("/backtests?lang=en"))) as desk,
    ):
        await desk.until("document.querySelectorAll('#recording option').length === 2")
        await desk.page.select_option("#pack", "uploaded")
        await desk.page.select_option("#recording", "days.jsonl")
        await desk.page.fill("#since", "2025-11-20T00:00")
        await desk.page.fill("#until", "2025-11-24T00:00")
        await desk.page.set_input_files("#files", [tmp_path / "wrong.yaml"])
        await desk.page.click("#go")
        await desk.until("document.querySelectorAll('#problems li').length > 1")
        problems = await desk.text("#problems")
        assert "wrong.yaml:2: " in problems
        assert "wrong.yaml:3: " in problems
        assert await desk.violations() == []
        await desk.page.set_input_files("#files", [tmp_path / "own.yaml"])
        await desk.page.focus("#go")
        await desk.page.keyboard.press("Enter")
        await desk.until("document.querySelectorAll('#added li').length === 2")
        assert NEW_WORD in await desk.text("#added")
        assert "Done" in await desk.text("#trial-state")
        assert await desk.page.input_value("#pack") == "uploaded"
        assert "id=" in desk.page.url
        assert await desk.violations() == []
        await desk.page.click("#go")
        await desk.until("!document.querySelector('#cancel').hidden")
        await desk.page.click("#cancel")
        await desk.until("document.querySelector('#trial-state').textContent.includes('Cancelled')")
        assert (desk.errors, desk.strangers) == ([], [])


async def test_one_bad_file_does_not_hide_the_others(tmp_path):
    """A back-test until a year that no calendar has, kept by an older version, is passed over."""
    save(tmp_path, Backtest(1_700_000_000_000, HOUR_START_MS, HOUR_START_MS + DAY, comparison()))
    save(tmp_path, Backtest(1_800_000_000_000, 0, 10**16, comparison()))
    async with (
        served(Board(backtests=tmp_path)) as board,
        chromium() as browser,
        tab(browser, str(board.client.make_url("/backtests"))) as desk,
    ):
        await desk.until("document.querySelectorAll('#sides tbody tr').length > 3")
        assert await desk.page.locator("#chosen option").count() == 1
        assert desk.errors == []


async def test_without_a_folder_it_says_what_to_do():
    """An empty page would look like a broken one."""
    async with (
        served() as board,
        chromium() as browser,
        tab(browser, str(board.client.make_url("/backtests"))) as desk,
    ):
        await desk.until("document.querySelector('#problem').textContent.includes('tocsin backtest --save')")
        assert await desk.page.locator("main section:visible").count() == 0
        assert desk.errors == []
