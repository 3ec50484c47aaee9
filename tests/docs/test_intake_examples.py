"""The page of the intake: its files are accepted, and its curl commands are run against a door that they describe."""

import asyncio
import json
import os
import re

import pytest
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from agents.intake.load import load_intake
from agents.intake.metrics import IntakeMetrics
from agents.intake.server import Intake
from pipeline.intake.written import read_intake
from schemas import codec, topics
from tests.support.intake import NotingPublisher
from tests.support.pages import blocks
from tests.support.tools import tool

FILES = [block for block in blocks("yaml") if block.about == "intake"]
REQUESTS = [block for block in blocks("sh") if "curl" in block.text]
SECRETS = {
    name: f"the-secret-of-{name}" for name in ("COMPANY_SECRET", "ZENDESK_SECRET", "CHATWOOT_SECRET", "CALLS_TOKEN")
}


@pytest.mark.parametrize("block", FILES, ids=lambda block: f"{block.page}:{block.line}")
def test_a_file_in_the_docs_is_accepted(block):
    """The reader has no objection."""
    assert read_intake("intake.yaml", block.text.encode()).sources


def test_there_is_a_request_for_each_kind():
    """Zendesk, Chatwoot, any other."""
    assert len(REQUESTS) == 3


@pytest.mark.parametrize("block", REQUESTS, ids=lambda block: f"{block.page}:{block.line}")
async def test_a_request_in_the_docs_is_accepted(block, tmp_path, monkeypatch):
    """Run as it stands, but for the address: accepted, and what it says is an event that a worker takes."""
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    (tmp_path / "intake.yaml").write_text(FILES[0].text, encoding="utf-8")
    publisher = NotingPublisher()
    intake = Intake(load_intake(tmp_path / "intake.yaml"), publisher, IntakeMetrics(CollectorRegistry()))
    assert tool("curl")
    assert tool("openssl")
    async with TestServer(intake.application(), host="127.0.0.1") as server:
        script = re.sub(r"http://127\.0\.0\.1:8085", f"http://127.0.0.1:{server.port}", block.text)
        process = await asyncio.create_subprocess_exec(
            "sh", "-eu", "-c", script, env=os.environ | {"no_proxy": "*"}, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
    assert json.loads(said)["outcome"] == "accepted"
    for record in publisher.sent:
        given = codec.Record(0, None, record.key, record.value)
        decoded = codec.decode_batch(topics.by_name[record.topic], [given], 0)
        assert len(decoded.events) == 1, decoded.refusals
