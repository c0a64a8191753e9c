"""Send to many groups at once, a way for each layer."""
