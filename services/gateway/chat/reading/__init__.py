"""Who reads a message: the rules of `understanding`, or a language model."""
