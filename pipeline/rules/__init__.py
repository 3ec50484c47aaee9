"""The rule pack: its model, its loader and its compiled snapshot."""
