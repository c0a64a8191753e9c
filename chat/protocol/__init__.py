"""What may be said, between servers and by clients: events, frames, names. Plain values."""
