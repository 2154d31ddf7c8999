"""Conditions: what operators mean, comparison strings, and conditions made ready for a search."""
