"""Choosing a model by few labels: the folder that holds a job, what people are asked, and what they said."""
