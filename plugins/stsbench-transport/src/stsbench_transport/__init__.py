"""Optimal transport between the tokens of two texts, as similarities for stsbench."""
