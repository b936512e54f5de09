"""Components: what a plugin declares, the options that it takes, and what it must and may offer."""
