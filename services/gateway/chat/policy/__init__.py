"""What a message is answered with: decided by where the conversation stands. Pure."""
