"""Encoders for stsbench: static token vectors of model2vec."""
