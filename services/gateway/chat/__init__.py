"""The conversation: what a message says, what is asked next, what is answered."""
