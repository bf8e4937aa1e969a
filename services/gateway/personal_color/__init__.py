"""Which seasonal colours may suit a person: from a selfie, from six questions, from their word."""
