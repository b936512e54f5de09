"""Choosing a system with few labels: which pairs to label next, what the labels say of every system, and when to stop.

`PairPool.of(scores)` is what is known without a label. `propose` draws pairs with known chances, `Labelled` are what people said of them,
`believe` is what follows for each system's Spearman over the whole pool, and `standing` what a user is told. `Labelled` carry `weights` with
which they are an ordinary weighted benchmark.
"""
