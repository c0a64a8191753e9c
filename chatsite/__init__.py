"""The site: the only place that knows both the chat and chatops."""
