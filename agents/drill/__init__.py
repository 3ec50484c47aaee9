"""Drills: a made-up storm of complaints that walks the whole road, and the report of what became of it."""
