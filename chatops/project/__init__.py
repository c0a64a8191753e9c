"""What the Django project says of itself."""
