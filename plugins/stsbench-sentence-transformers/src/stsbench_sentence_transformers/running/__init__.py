"""A model as the library runs it. Importing most of these modules imports sentence_transformers."""
