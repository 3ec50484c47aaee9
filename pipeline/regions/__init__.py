"""Regions: how many complaints of which level and reason came from where, in windows of event time.

One row is one window of one region and channel: a minute, kept for two hours, or an hour, kept for 35 days. A clock
row per partition holds how far event time has come. `docs/adr/0005-windows.md` says why.
"""
