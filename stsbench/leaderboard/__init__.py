"""From records to ordered rows; no file system, no clock, no network."""
