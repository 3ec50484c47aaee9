"""Figures: how values are counted, carried to their subject, added up by the hour, and judged.

Everything adds up: partitions, hours, regions. Nothing here reads a clock.
"""
