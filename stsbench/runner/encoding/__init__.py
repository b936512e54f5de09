"""Every unique text encoded once: what is kept, what is missing, and in which order it is computed."""
