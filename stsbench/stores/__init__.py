"""Bytes on disk: records and scores."""
