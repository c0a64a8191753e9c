"""Values that travel between the floors."""
