"""Verdicts: what people say about alerts becomes labels, and labels tell how often each rule is right."""
