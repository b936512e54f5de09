"""Systems against each other: how sure a difference is, what a margin makes of it, which may be the best, and at what cost."""
