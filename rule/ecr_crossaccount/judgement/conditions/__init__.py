"""Conditions: the meaning of operators, comparison strings, and conditions prepared for the search."""
