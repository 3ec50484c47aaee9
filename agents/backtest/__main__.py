"""`python -m agents.backtest`: what the board starts for somebody who tries a pack."""

from agents.backtest.job import main

main()
