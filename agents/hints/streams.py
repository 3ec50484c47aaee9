"""The desktops that listen now, by agent. A desktop that does not keep up is cut off, and nobody waits for it."""

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

    def takes(self, hint: Kept) -> bool:
        """Whether the desktop is to see a hint: a drill is seen by nobody who did not ask for drills."""
        return self.shows_drills or not hint.is_drill


class Streams:
    """All desktops of this server, fed from one memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.cut_count = 0
        self._open: dict[str, set[Stream]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    def is_full(self, agent_id: str) -> bool:
        """Whether one more for this agent would be too many."""
        return len(self) >= OPEN_MAX or len(self._open.get(agent_id, ())) >= OPEN_PER_AGENT_MAX

    def publish(self, hint: Kept, *, now_ms: int) -> None:
        """Keep a hint and hand it to every desktop of its agent."""
        self.memory.keep(hint, now_ms=now_ms)
        for stream in self._open.get(hint.agent_id, ()):
            if not stream.takes(hint) or stream.is_cut:
                continue
            if not stream.mailbox.put(stream.framed(hint)):
                self.cut(stream)

    def cut(self, stream: Stream) -> None:
        """End the stream of a desktop that does not keep up."""
        if not stream.is_cut:
            stream.is_cut = True
            stream.mailbox.end()
            self.cut_count += 1

    def backlog(self, stream: Stream, *, last: Place | None, wants_all: bool) -> Missed:
        """What a desktop is told first: what it missed, everything that is known, or nothing."""
        known = self.memory.all_of(stream.agent_id) if wants_all else []
        missed = self.memory.since(stream.agent_id, last) if last is not None else Missed(known, has_gap=False)
        return missed._replace(hints=[hint for hint in missed.hints if stream.takes(hint)])

    def close(self) -> None:
        """End every stream."""
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
