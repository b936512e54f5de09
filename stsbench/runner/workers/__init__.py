"""The encoders of a run on workers: work is cut into shards, handed out, checked as it comes back, and kept."""
