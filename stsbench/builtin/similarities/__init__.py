"""Similarities that need no more than the core's own dependencies."""
