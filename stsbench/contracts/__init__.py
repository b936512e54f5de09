"""The values that pass between stages, and the protocols of what computes them. No logic, no input or output."""
