"""An encoder for stsbench: models behind services that speak the OpenAI embeddings format."""
