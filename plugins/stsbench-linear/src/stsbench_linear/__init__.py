"""Linear matrix factorisation over bags of words or user-item counts, as encoders for stsbench."""
