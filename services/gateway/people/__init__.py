"""What is known of a person, where from, and how they see, change and erase it."""
