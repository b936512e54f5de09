"""Components that need no more than the core's own dependencies; they come in through the same hooks as any plugin's."""
