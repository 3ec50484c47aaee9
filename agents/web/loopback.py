"""Names of this machine alone: what goes there, nobody is in between."""

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
