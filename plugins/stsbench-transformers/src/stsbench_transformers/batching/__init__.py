"""Which texts may share a batch, and how that is tried on a loaded model."""
