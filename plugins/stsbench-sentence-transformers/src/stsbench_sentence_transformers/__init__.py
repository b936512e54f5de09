"""Encoders for stsbench: sentence-transformers models."""
