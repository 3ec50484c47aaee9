"""Desks: what no ticket shows by itself. Which topics rise among a tenant's tickets, when nobody answers.

`fold` takes a batch, `hot` judges topics, `staffing` finds hours that nobody staffs. Event time alone counts.
"""
