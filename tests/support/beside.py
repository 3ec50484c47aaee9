"""Tests beside each other: `make test` runs several processes, a file at a time each. Here is who must be alone.

A test marked `alone` judges a time. It waits until no other test runs, and none begins until it has ended.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def entered(room: Path, *, alone: bool) -> Iterator[None]:
    """A test runs in the block; all processes of a session share the room, a folder.

    Whoever wants to be alone keeps the door, so that nobody else comes in, and waits until the room is empty.
    """
    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    with (room / "door.lock").open("w") as door, (room / "inside.lock").open("w") as inside:
        fcntl.flock(door, kind)
        fcntl.flock(inside, kind)
        if not alone:
            fcntl.flock(door, fcntl.LOCK_UN)
        yield


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Files that wait for Kafka first, beside which the others find the processor idle; whoever needs quiet last."""
    waiting = {item.path for item in items if item.get_closest_marker("e2e")}
    alone = {item.path for item in items if is_alone(item)}
    return sorted(items, key=lambda item: (item.path in alone, item.path not in waiting))


def is_alone(item: pytest.Item) -> bool:
    """Whether no other test may run meanwhile."""
    return item.get_closest_marker("alone") is not None
