"""Patterns of text: sets of characters, steps, and the automata that find a text that matches some and not others."""
