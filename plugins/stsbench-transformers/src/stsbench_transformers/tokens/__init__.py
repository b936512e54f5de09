"""From texts to the ids of their tokens, as transformers makes them."""
