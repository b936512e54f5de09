"""Models and what they run on: the hub that holds them, what they say of themselves, hosts and what these ask, the processor."""
