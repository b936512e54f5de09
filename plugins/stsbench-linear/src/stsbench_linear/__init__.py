"""Linear matrix factorisation over bags of words, as an encoder for stsbench."""
