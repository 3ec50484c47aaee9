"""The keeper of verdicts: reads what people said about alerts, writes labels, counts how often each rule is right."""
