"""Models and what they run on: presets, the hub that holds them, what they say of themselves, hosts and what these ask, the processor."""
