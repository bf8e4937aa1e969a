"""Which season's colours suit a person, from a selfie or six answers."""
