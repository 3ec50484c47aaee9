"""The page for whoever builds an agent's desktop: its client works, its table has every field."""

import asyncio

from agents.hints.access import HintRole
from agents.settings import Hints
from schemas.base import field_names
from schemas.hints import Hint
from tests.support.hint_streams import served, tokens_in
from tests.support.pages import blocks, page, rows


async def test_the_client_of_the_page_hears_hints_and_comes_back(tmp_path):
    """It is run as it stands: what was there, what comes, and after a cut connection what it missed, nothing twice."""
    (block,) = blocks("python")
    desktop = {}
    exec(compile(block.text, "docs/hints.md", "exec"), desktop)
    shown, arrived = [], asyncio.Event()

    def show(text, hint):
        shown.append((text, hint.get("hint_id")))
        arrived.set()

    async def until(count):
        async with asyncio.timeout(60):
            while len(shown) < count:
                arrived.clear()
                await arrived.wait()

    path, tokens = tokens_in(tmp_path, agent_17=HintRole.AGENT)
    async with served(Hints(tokens_file=path)) as server:
        server.publish(1)
        url = f"http://{server.client.host}:{server.client.port}"
        listening = asyncio.ensure_future(desktop["listen"](url, tokens["agent-17"], show))
        await until(1)
        server.publish(2)
        await until(2)
        server.streams.close()
        await server.opened(0)
        server.publish(3)
        await until(3)
        listening.cancel()
    assert shown == [(f"explicit：先致歉 {number}", f"hint:{number}") for number in (1, 2, 3)]


def test_every_field_is_on_the_page():
    """The table of fields has every field of the record and no other."""
    text = page("hints.md").partition("## The fields")[2]
    told = [name for row in rows(text) for name in row[0].replace("`", "").split()]
    assert sorted(told) == sorted([*field_names(Hint), "field"])
