"""`python -m agents.reading`: what the worker starts; it reads texts from its standard input until that ends."""

from agents.reading.process import main

main()
