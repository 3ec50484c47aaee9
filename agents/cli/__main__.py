"""`python -m agents.cli` is `tocsin`, also where the console script is not on the path."""

from agents.cli.main import main

main()
