"""The back-test: history from Kafka or a recording, through the stages of two packs, side by side."""
