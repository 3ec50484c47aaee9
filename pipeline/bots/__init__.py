"""Bots that talk with customers: when one should hand over to a person, and what travels along. Pure."""
