"""The files that a run reads: which they are, what marks one of a format, and the values in them with their places."""
