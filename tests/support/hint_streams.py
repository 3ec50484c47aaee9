"""Hint servers made up for tests: without Kafka, fed by the test, and a client of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from agents.hints.access import Access, HintRole
from agents.hints.memory import Memory, Place
from agents.hints.reader import kept, wall_ms
from agents.hints.server import Parts, application
from agents.hints.streams import Streams
from agents.settings import Hints
from agents.web.tokens import new_token
from schemas.hints import Hint
from schemas.vocabulary import Level


def hint(number: int, agent_id: str = "agent-17", **changes: Any) -> Hint:
    """A hint of now."""
    now_ms = wall_ms()
    fields: dict[str, Any] = {
        "hint_id": f"hint:{number}",
        "agent_id": agent_id,
        "conversation_id": f"call-{number}",
        "level": Level.EXPLICIT,
        "reasons": (),
        "advice": f"先致歉 {number}",
        "occurred_at": now_ms,
        "emitted_at": now_ms,
    }
    return Hint(**fields | changes)


class Served:
    """A hint server, what feeds it, and a client."""

    def __init__(self, settings: Hints, *, is_loaded: bool = True) -> None:
        self.memory = Memory()
        if is_loaded:
            self.memory.begin(0, 0)
        self.streams = Streams(self.memory, is_loaded=is_loaded)
        self.client = TestClient(TestServer(application(Parts(settings, Access(settings), self.streams))))

    def publish(self, number: int, agent_id: str = "agent-17", **changes: Any) -> str:
        """One hint comes from Kafka; its id on the stream."""
        place = Place(0, number)
        self.streams.publish(kept(hint(number, agent_id, **changes), place), now_ms=wall_ms())
        return str(place)

    async def opened(self, count: int) -> None:
        """Until so many streams are open."""
        for _ in range(20_000):  # some twenty seconds, in which server and client get their turns
            if len(self.streams) == count:
                return
            await asyncio.sleep(0.001)
        raise AssertionError(f"{len(self.streams)} streams, not {count}")


@asynccontextmanager
async def served(settings: Hints | None = None, *, is_loaded: bool = True) -> AsyncIterator[Served]:
    """A hint server while the block runs."""
    it = Served(settings or Hints(), is_loaded=is_loaded)
    async with it.client:
        yield it


def tokens_in(folder: Path, **names: HintRole) -> tuple[Path, dict[str, str]]:
    """A file of tokens, and the tokens by name; `agent_17` stands for the agent `agent-17`."""
    made = {name.replace("_", "-"): new_token(role, name.replace("_", "-")) for name, role in names.items()}
    path = folder / "tokens"
    path.write_text("\n".join(line for _, line in made.values()), encoding="utf-8")
    return path, {name: token for name, (token, _) in made.items()}


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}
