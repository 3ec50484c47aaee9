"""A reading process that says what is no answer: nobody waits for it until the watchdog does."""

import asyncio
import subprocess

from agents.engine.crash import ExitCode
from agents.reading import ahead
from agents.reading.wire import Recipe
from schemas.vocabulary import Level
from tests.support.conversations import utterance


async def test_what_is_no_answer_ends_the_worker(monkeypatch):
    """Whoever starts it anew finds the batch uncommitted."""
    popen, ended = subprocess.Popen, asyncio.get_running_loop().create_future()

    def end(reason: str, code: ExitCode, **_: object) -> None:
        ended.set_result((reason, code))
        raise asyncio.CancelledError  # as the end of the process, nothing after it runs

    monkeypatch.setattr(ahead, "end_process", end)
    monkeypatch.setattr(ahead.subprocess, "Popen", lambda _, **pipes: popen(["cat"], **pipes))  # says what it was told
    recipe = Recipe(rules_dir=None, inquiry_level=Level.POTENTIAL, model="off")
    process = ahead.ReadingProcess(recipe, rules_version="ours", model_version="")
    try:
        assert await process.read([utterance(1, 1)]) is None
        async with asyncio.timeout(30):
            assert await ended == ("the reading process wrote what is no answer", ExitCode.UNFORESEEN)
    finally:
        await process.stop()
