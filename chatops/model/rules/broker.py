"""What the layer's server says, where it may be asked."""
