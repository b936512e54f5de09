"""Questions about an encoder or a benchmark: pure functions of arrays. Reading and encoding is the caller's."""
