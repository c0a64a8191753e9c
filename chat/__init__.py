"""The chat: rooms, messages, people, pages. Knows nothing of chatops."""
