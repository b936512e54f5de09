"""Choosing a system with few labels: which pairs to label next, what the labels say of every system, and when to stop.

`PairPool.of(scores)` is what is known without a label. `propose` draws pairs with known chances, `Labelled` is what people said,
with the `weights` that make an ordinary weighted benchmark of it. `believe` gives what follows for each system's Spearman over
the whole pool, and `standing` what a user is told.
"""
