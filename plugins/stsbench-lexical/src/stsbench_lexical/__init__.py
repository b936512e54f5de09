"""Similarities of texts by their words and characters, as pair scorers for stsbench."""
