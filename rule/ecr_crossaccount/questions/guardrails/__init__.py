"""Policies of AWS Organizations that protect every registry at once, made from the trust register for you to attach."""
