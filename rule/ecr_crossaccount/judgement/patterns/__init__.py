"""Patterns of text: sets of characters, steps, and automata that find a text for some patterns and against others."""
