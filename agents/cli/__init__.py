"""The command line `tocsin`, one file per command."""
