"""Surges: a region has more complaints than is usual at this hour of this kind of day.

`seasons` knows days, `usual` learns what an hour brings, `odds` says how unlikely a count is, `judge` opens, updates
and resolves. `pipeline.regions` calls them as event time passes; `docs/adr/0012-surges.md` says why it is as it is.
"""
