"""Every decision, as pure functions on plain values. No Kafka, clock, randomness, network or environment."""
