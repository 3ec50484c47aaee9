"""What a command's exit code says. Scripts rely on it; a worker that ends unasked uses 70 to 73 (`agents/engine`)."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    PROBLEMS = 1  # it did its work and found something wrong
    USAGE = 2  # the command line, the settings or the rules are wrong
    UNREACHABLE = 3  # no broker answers, or one of ours does not start
    INTERRUPTED = 130  # Ctrl-C
