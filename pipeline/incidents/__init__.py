"""Incidents: which alerts belong together, who is told, who is told next when nobody answers, and when it is over."""
