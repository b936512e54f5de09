"""Encoders for stsbench: pooled hidden states of Hugging Face transformers."""
