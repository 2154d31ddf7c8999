"""Answers questions about access: whether a caller may do something, which statement decides, and which keys matter."""
