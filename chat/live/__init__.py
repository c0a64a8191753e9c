"""What one server process knows of its rooms and people, and how it tells them."""
