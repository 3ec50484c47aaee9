"""Kafka records in files: one JSON object a line, read with the line's number in every complaint, and sent again."""
