"""The items of the shops' feeds, in memory, and which are alike."""
