"""Deliveries: what is sent now, what waits, what is told together, and what becomes of an attempt that failed."""
