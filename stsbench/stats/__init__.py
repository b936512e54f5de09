"""Pure functions of arrays: correlation and what can be said of it."""
