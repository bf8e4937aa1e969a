"""Understanding: what a message says, by rules, a lexicon and a small linear model."""
