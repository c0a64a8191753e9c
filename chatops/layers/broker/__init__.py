"""What the servers of a channels_redis layer can be asked, a subject a file."""
