"""The desktops that listen now, by agent. A desktop that does not keep up is cut off, and nobody waits for it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from agents.hints.memory import Kept, Memory, Missed, Place
from agents.web.streams import Mailbox

OPEN_MAX = 10_000
OPEN_PER_AGENT_MAX = 8  # screens and tabs; more is a client that reconnects without closing

Framing = Callable[[Kept], bytes]


@dataclass(eq=False)
class Stream:
    """One desktop: whose hints, how they are framed, whether drills are wanted, and what waits for it."""

    agent_id: str
    framed: Framing
    shows_drills: bool = False
    mailbox: Mailbox = field(default_factory=Mailbox)
    is_cut: bool = False
    has_begun: bool = False  # it was told what it missed; before that a hint is in the memory, and comes with it

    def takes(self, hint: Kept) -> bool:
        """Whether the desktop is to see a hint: a drill is seen by nobody who did not ask for drills."""
        return self.shows_drills or not hint.is_drill


class Streams:
    """All desktops of this server, fed from one memory.

    While the memory is not loaded, desktops are held: what they missed is not known yet. A refusal would not do, since
    a browser's `EventSource` never asks again after one.
    """

    def __init__(self, memory: Memory, *, is_loaded: bool = True) -> None:
        self.memory = memory
        self._loaded = asyncio.Event()
        self._ended_unread = False  # before anything was known
        if is_loaded:
            self._loaded.set()
        self.cut_count = 0
        self._open: dict[str, set[Stream]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    def is_full(self, agent_id: str) -> bool:
        """Whether one more for this agent would be too many."""
        return len(self) >= OPEN_MAX or len(self._open.get(agent_id, ())) >= OPEN_PER_AGENT_MAX

    @property
    def is_loaded(self) -> bool:
        """Whether the last minutes are known."""
        return self._loaded.is_set()

    def begin(self) -> None:
        """The last minutes are known: whoever was held is let go."""
        self._loaded.set()

    async def until_loaded(self) -> None:
        """Until the last minutes are known, or every stream is ended."""
        await self._loaded.wait()

    def publish(self, hint: Kept, *, now_ms: int) -> None:
        """Keep a hint and hand it to every desktop of its agent."""
        self.memory.keep(hint, now_ms=now_ms)
        for stream in self._open.get(hint.agent_id, ()):
            if not stream.takes(hint) or stream.is_cut or not stream.has_begun:
                continue
            if not stream.mailbox.put(stream.framed(hint)):
                self.cut(stream)

    def cut(self, stream: Stream) -> None:
        """End the stream of a desktop that does not keep up."""
        if not stream.is_cut:
            stream.is_cut = True
            stream.mailbox.end()
            self.cut_count += 1

    def backlog(self, stream: Stream, *, last: Place | None, wants_all: bool, since_ms: int | None = None) -> Missed:
        """What a desktop is told first: what it missed, everything that is known, or what came while it was held."""
        if self._ended_unread:  # whether there is a gap, the next server knows
            return Missed([], has_gap=False)
        stream.has_begun = True
        known = self.memory.all_of(stream.agent_id) if wants_all or since_ms is not None else []
        if not wants_all and since_ms is not None:
            known = [hint for hint in known if hint.emitted_at_ms >= since_ms]
        missed = self.memory.since(stream.agent_id, last) if last is not None else Missed(known, has_gap=False)
        return missed._replace(hints=[hint for hint in missed.hints if stream.takes(hint)])

    def close(self) -> None:
        """End every stream, and hold none."""
        self._ended_unread = not self._loaded.is_set()
        self._loaded.set()
        for streams in self._open.values():
            for stream in streams:
                stream.mailbox.end()

    @contextmanager
    def listening(self, stream: Stream) -> Iterator[None]:
        """The stream gets hints while the block runs."""
        self._open.setdefault(stream.agent_id, set()).add(stream)
        try:
            yield
        finally:
            own = self._open[stream.agent_id]
            own.discard(stream)
            if not own:
                del self._open[stream.agent_id]
