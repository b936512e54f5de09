"""How a model's files say that it is run."""
