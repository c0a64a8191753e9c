"""The channel layer: any by its public interface, pubsub's in bulk."""
