"""The states of a model that torch runs. Importing these modules imports torch."""
