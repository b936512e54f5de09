"""The files of a model: where they are, what they hold, and how they say that it is run."""
