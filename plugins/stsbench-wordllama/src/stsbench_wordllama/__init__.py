"""An encoder for stsbench: WordLlama's static token vectors."""
