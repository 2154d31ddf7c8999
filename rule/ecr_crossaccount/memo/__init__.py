"""What is computed once and kept: by identity, by value, or looked up."""
