"""`python -m agents.cli`: the same as `tocsin`, for whoever knows only the interpreter."""

from agents.cli.main import main

if __name__ == "__main__":
    main()
