"""From references to records: plan, encode, score. Nothing here reads or writes results; the caller does."""
