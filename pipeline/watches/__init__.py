"""Rules over a conversation: what was said, what was not said in time, what was repeated. Pure; event time only."""
