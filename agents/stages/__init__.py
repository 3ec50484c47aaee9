"""One file a stage, or a few that belong together: sources, rows, outputs, and which function of `pipeline` decides."""
