"""An executor for stsbench: the workers of a Ray cluster."""
