"""Delivering: notifications from Kafka to people, receipts back. The only room that acts outside of Kafka."""
