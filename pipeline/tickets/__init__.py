"""Tickets: the stage around the clocks. Events and ticks in; warnings, snapshots, commands and findings out.

`fold` takes a batch, `step` one event or one moment of one ticket, `announce` words what somebody should know.
"""
