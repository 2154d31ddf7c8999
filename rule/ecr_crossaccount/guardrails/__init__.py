"""Policies of AWS Organizations around every registry at once: made from the trust register, for you to attach."""
