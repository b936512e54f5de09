"""Choosing a system with few labels: which pairs to label next, what the labels say of every system, and when to stop.

`Pool.of(scores)` is what is known without a label. `propose` draws pairs with known chances, `Labels` are what people said of them,
`believe` is what follows for each system's Spearman over the whole pool, and `standing` what a user is told. Labels carry `weights` with
which they are an ordinary weighted benchmark.
"""
