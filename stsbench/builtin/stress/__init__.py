"""`stress`: triplets made by grammars of our own, in which a sentence stands beside its paraphrase and its contrast."""
