"""What the operator of a house writes or chooses, read from disk: on-call plan, places, policies of tickets, model."""
