"""What every server of ours for people and programs shares: who holds a token, what no request gets past, streams."""
