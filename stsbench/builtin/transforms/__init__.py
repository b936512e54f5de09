"""Transforms of sentence vectors that need no more than the core's own dependencies."""
