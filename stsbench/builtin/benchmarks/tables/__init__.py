"""Tables to pairs: which column is what, and what its cells hold; rows at fault are counted. No message repeats a value."""
