"""Finding plugins, isolating them from each other, and turning references into built components."""
