"""Conversations: what was said so far, how far the complaint has come, and what somebody should be told about it.

`step` takes one event, `fold` a batch; `score` does the arithmetic, `announce` words the records that go out. Decisions
depend on the events of one conversation in offset order and on their event times, never on a clock or a neighbour.
"""
