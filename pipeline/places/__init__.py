"""Where a complaint comes from: the 34 provinces, landline area codes, and the order in which sources are trusted."""
