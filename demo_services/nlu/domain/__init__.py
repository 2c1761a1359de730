"""What a message says, by rules alone; imports nothing but the standard library."""
