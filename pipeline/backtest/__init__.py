"""The back-test: what two rule packs make of the same history, alert by alert, and which of them is more right."""
