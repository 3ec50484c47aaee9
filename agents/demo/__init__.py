"""The demo: a sample day of conversations that we wrote ourselves, and what it looks like when it is watched live."""
