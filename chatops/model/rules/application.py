"""What the ASGI application and a running site give away."""
