"""Composition: what the command line and Python callers use."""
