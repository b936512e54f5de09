"""Images for stsbench: encoders of images, and texts that are drawn as pictures."""
