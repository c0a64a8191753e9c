"""How a layer is listened to: frames off the wire first, what they mean later, maybe elsewhere."""
