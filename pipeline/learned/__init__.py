"""The learned scorer: a linear model over character n-grams and what the rules saw, served by numpy alone."""
