"""Back-tests that are started over HTTP: by whom, of what, one at a time, within limits, and how each one ends."""

import asyncio
import io
import json
import tempfile

import pytest

from agents.backtest.job import PROBLEMS_MAX
from agents.board import trials
from agents.board.backtests import UPLOAD_BYTES_MAX
from agents.board.trials import Phase
from agents.settings import Board
from agents.web.tokens import new_token
from pipeline.incidents.roles import Role
from tests.support.alerts import DAY, HOUR_START_MS
from tests.support.backtests import NEW_WORD, history
from tests.support.boards import served
from tests.support.cluster import PATIENCE_SECONDS
from tests.support.packs import files_with, folder_with

RUN, CANCEL = "/api/backtests/run", "/api/backtests/cancel"
SPAN = {"since": HOUR_START_MS - DAY, "until": HOUR_START_MS + 2 * DAY}
DAYS = {"recording": "days.jsonl", **SPAN}


@pytest.fixture(scope="module")
def packs(tmp_path_factory):
    """A folder with one pack and an empty folder."""
    folder = tmp_path_factory.mktemp("packs")
    folder_with(folder / "new", NEW_WORD)
    (folder / "empty").mkdir()
    return folder


@pytest.fixture
def folders(tmp_path, packs):
    """Settings of a board with one pack, one recording, and a folder for results."""
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    (recordings / "days.jsonl").write_bytes(b"".join(record.as_line() for record in history()))
    return {
        "backtests": tmp_path / "kept",
        "backtest_packs": packs,
        "backtest_recordings": recordings,
    }


async def ended(board):
    """The trial that was started, when its process is gone."""
    await asyncio.wait_for(asyncio.wait([board.trials._task]), PATIENCE_SECONDS)
    return (await board.get(RUN))[1]["last"]


async def test_a_pack_of_the_folder_is_tried(folders):
    """It runs beside the board, says how far it is, and its result is kept and shown as any other."""
    async with served(Board(**folders)) as board:
        view = (await board.get(RUN))[1]
        assert view == {"may_start": True, "packs": ["", "new"], "recordings": ["days.jsonl"], "last": None}
        status, view = await board.post(RUN, {"pack": "new", **DAYS})
        assert (status, view["last"]["phase"], view["last"]["started_by"]) == (202, "running", "local")
        assert await board.post(RUN, {"pack": "new", **DAYS}) == (409, "a back-test is running; cancel it or wait\n")
        last = await ended(board)
        assert (last["phase"], last["problems"]) == ("kept", [])
        assert (last["done"], last["total"]) == (6, 6)
        found = (await board.get(f"/api/backtests/{last['backtest_id']}"))[1]
        assert [each["conversation_id"] for each in found["report"]["added"]] == ["c2", "c3"]
        assert "13800138000" not in json.dumps(found)
        assert [each["id"] for each in (await board.get("/api/backtests"))[1]] == [last["backtest_id"]]


async def test_uploaded_files_are_a_pack_or_change_one(folders, tmp_path):
    """All of it, or one file over the shipped pack; what was uploaded is gone afterwards."""
    ((name, data),) = files_with(NEW_WORD)
    levels = "levels:\n  explicit: {zh: 3}\n"
    async with served(Board(**folders)) as board:
        await board.post(RUN, {"pack": None, "files": {name: data.decode()}, **DAYS})
        last = await ended(board)
        assert (last["phase"], last["pack"], last["uploaded"]) == ("kept", None, [name])
        await board.post(RUN, {"files": {"levels.yaml": levels}, **DAYS})
        last = await ended(board)
        assert last["phase"] == "refused"
        assert {problem.partition(":")[0] for problem in last["problems"]} == {"levels.yaml"}


async def test_every_problem_of_a_pack_is_told_with_its_line(folders):
    """As `tocsin rules check` tells them; nothing is kept."""
    wrong = "cues:\n  a: {level: explicit, score: many, words: [12315]}\n  b: {levl: explicit}\n"
    async with served(Board(**folders)) as board:
        await board.post(RUN, {"pack": None, "files": {"own.yaml": wrong, "second.yaml": "a: [\n"}, **DAYS})
        last = await ended(board)
        assert last["phase"] == "refused"
        places = [problem.split(": ")[0] for problem in last["problems"]]
        assert {"own.yaml:2", "own.yaml:3"} <= set(places)
        assert [place for place in places if place.startswith("second.yaml:")]
        assert (await board.get("/api/backtests"))[1] == []


async def test_of_very_many_problems_the_first_are_told(folders):
    """A pack made by a machine may have a mistake in each of 20,000 lines: it is refused, and does not fail."""
    wrong = "cues:\n" + "".join(f" c{n}: {{b: 1}}\n" for n in range(20_000))
    async with served(Board(**folders)) as board:
        await board.post(RUN, {"pack": None, "files": {"own.yaml": wrong}, **DAYS})
        last = await ended(board)
        assert (last["phase"], len(last["problems"])) == ("refused", PROBLEMS_MAX)
        assert last["problems"][0].startswith("own.yaml:2: ")


async def test_a_process_that_says_too_much_is_ended(folders, monkeypatch):
    """Nobody reads it any more: it would stand there with its memory until its time is over."""
    monkeypatch.setattr(trials, "_LINE_BYTES_MAX", 1)
    async with served(Board(**folders)) as board:
        await board.post(RUN, {"pack": "new", **DAYS})
        assert (await ended(board))["phase"] == "failed"
        assert await asyncio.wait_for(board.trials._process.wait(), PATIENCE_SECONDS) is not None


async def test_a_recording_that_is_none_is_told(folders):
    """With its line, and without what stands there."""
    (folders["backtest_recordings"] / "days.jsonl").write_text('{"topic": "电话13800138000"\n', encoding="utf-8")
    async with served(Board(**folders)) as board:
        await board.post(RUN, {"pack": "new", **DAYS})
        last = await ended(board)
        assert last["phase"] == "refused"
        assert "days.jsonl:1: " in last["problems"][0]
        assert "13800138000" not in last["problems"][0]


async def test_a_result_that_cannot_be_kept_is_told(folders):
    """A folder that is none, or that nobody may write to: it is named, with why."""
    folders["backtests"].write_text("a file", encoding="utf-8")
    async with served(Board(**folders)) as board:
        await board.post(RUN, {"pack": "new", **DAYS})
        last = await ended(board)
        assert (last["phase"], last["problems"]) == ("refused", [f"{folders['backtests']}: File exists"])


async def test_a_cancelled_one_ends_at_once(folders):
    """Its process is gone, nothing is kept, and another one may start."""
    async with served(Board(**folders)) as board:
        await board.post(RUN, {"pack": "new", **DAYS})
        status, view = await board.post(CANCEL, {})
        assert (status, view["last"]["phase"]) == (200, "cancelled")
        await ended(board)
        assert board.trials._process is None
        assert (await board.get("/api/backtests"))[1] == []
        assert (await board.post(RUN, {"pack": "new", **DAYS}))[0] == 202
        assert (await ended(board))["phase"] == "kept"
        assert (await board.post(CANCEL, {}))[1]["last"]["phase"] == "kept"


async def test_a_board_that_ends_leaves_nothing_running(folders):
    """The process goes with it."""
    async with served(Board(**folders)) as board:
        await board.post(RUN, {"pack": "new", **DAYS})
    assert board.trials._task.done()
    assert board.trials._process is None
    assert board.trials.last.phase is Phase.CANCELLED


async def test_a_full_disk_does_not_leave_it_running(folders, monkeypatch):
    """Where the pack cannot even be written, it has failed, and the next one may start."""
    monkeypatch.setattr(tempfile, "tempdir", str(folders["backtests"] / "not there"))
    async with served(Board(**folders)) as board:
        await board.post(RUN, {"pack": "new", **DAYS})
        assert (await ended(board))["phase"] == "failed"
        assert isinstance(board.trials._task.exception(), FileNotFoundError)
        monkeypatch.undo()
        assert (await board.post(RUN, {"pack": "new", **DAYS}))[0] == 202


@pytest.mark.parametrize(
    ("limits", "phase"),
    [
        pytest.param({"backtest_within_seconds": 1}, "out_of_time", id="time"),
        pytest.param({"backtest_memory_bytes_max": 1}, "out_of_memory", id="memory"),
    ],
)
async def test_it_has_no_more_than_it_was_given(folders, limits, phase):
    """The process ends itself, and the page says of what it had too little."""
    lines = b"".join(record.as_line() for record in history() * 3_000)
    (folders["backtest_recordings"] / "days.jsonl").write_bytes(lines)
    async with served(Board(**folders).model_copy(update=limits)) as board:
        await board.post(RUN, {"pack": "new", **DAYS})
        assert (await ended(board))["phase"] == phase
        assert (await board.get("/api/backtests"))[1] == []


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        pytest.param({"pack": "empty"}, "pack: expected", id="a folder without rules"),
        pytest.param({"pack": "../packs/new"}, "pack: expected", id="a path"),
        pytest.param({"pack": "/etc"}, "pack: expected", id="another folder"),
        pytest.param({"recording": "../kept/1.json"}, "recording: expected", id="a path to a file"),
        pytest.param({"pack": None}, "files: expected", id="nothing to try"),
        pytest.param({"files": {"../levels.yaml": ""}}, "files: expected names", id="a file elsewhere"),
        pytest.param({"files": {"levels.py": ""}}, "files: expected names", id="a file that is no YAML"),
        pytest.param({"files": {".yaml": ""}}, "files: expected names", id="a hidden file"),
        pytest.param({"files": {f"{n}.yaml": "" for n in range(101)}}, "$.files", id="too many files"),
        pytest.param({"files": {"a.yaml": 5}}, "$.files", id="no text"),
        pytest.param({"since": 5, "until": 5}, "until: expected", id="no time at all"),
        pytest.param({"since": None}, "$.since", id="no moment"),
        pytest.param({"since": -1}, "$.since", id="before all times"),
        pytest.param({"until": 10**16}, "$.until", id="a moment that no calendar has"),
        pytest.param({"memory": 1}, "memory", id="an unknown field"),
    ],
)
async def test_a_wrong_wish_is_told(folders, asked, says):
    """Before anything runs, with its field, and without repeating it."""
    async with served(Board(**folders)) as board:
        status, text = await board.post(RUN, {**DAYS, **asked})
        assert (status, says in text, "etc" in text) == (400, True, False), text
        assert board.trials.last is None


async def test_an_upload_has_a_largest_size(folders):
    """Larger than any other body, and not without end."""
    async with served(Board(**folders)) as board:
        text = "# " + "x" * (UPLOAD_BYTES_MAX // 4)
        assert (await board.post(RUN, {"pack": None, "files": {"a.yaml": text}, **DAYS}))[0] == 202
        await ended(board)
        body = io.BytesIO(json.dumps({"files": {"a.yaml": text * 4}, **DAYS}).encode())
        async with board.client.post(RUN, data=body, headers={"Content-Type": "application/json"}) as answer:
            assert answer.status == 413
        assert (await board.post("/api/actions", {"action": text}))[0] == 413


async def test_who_may_start_and_cancel(folders, tmp_path):
    """Operators and admins; a viewer sees how far it is; a stranger and another site's page nothing."""
    made = {role: new_token(role, role.value) for role in Role}
    tokens = tmp_path / "tokens"
    tokens.write_text("\n".join(line for _, line in made.values()), encoding="utf-8")
    asked = {"pack": "empty", **DAYS}
    async with served(Board(tokens_file=tokens, **folders)) as board:
        for role, status in ((Role.VIEWER, 403), (Role.OPERATOR, 400), (Role.ADMIN, 400)):
            bearer = {"Authorization": f"Bearer {made[role][0]}"}
            assert (await board.post(RUN, asked, **bearer))[0] == status
            assert (await board.post(CANCEL, {}, **bearer))[0] == (403 if role is Role.VIEWER else 200)
            assert (await board.get(RUN, **bearer))[1]["may_start"] is (role is not Role.VIEWER)
        for path in (RUN, CANCEL):
            assert (await board.post(path, asked))[0] == 401
            assert (await board.post(path, asked, Origin="https://evil.example", **bearer))[0] == 403
            async with board.client.post(path, data=json.dumps(asked), headers=bearer) as answer:
                assert answer.status == 415
        assert (await board.get(RUN))[0] == 401


async def test_without_a_folder_for_results_nothing_starts():
    """And the page does not offer it."""
    async with served() as board:
        assert (await board.get(RUN))[1]["may_start"] is False
        status, text = await board.post(RUN, {**SPAN})
        assert (status, "TOCSIN_BOARD__BACKTESTS" in text) == (409, True)
