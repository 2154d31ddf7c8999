"""Who outside gets into repositories by assuming roles of their account, and what they can do there."""
