"""Promises: what agents commit themselves to (`finder`), until when (`when`, `due`), and what becomes of it (`ledger`).

Nothing here reads a clock: when a promise is due follows from the moment of its words, a zone and a working calendar.
"""
