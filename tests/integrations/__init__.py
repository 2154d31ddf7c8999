"""The gate where people meet it: each integration linted as its host would, and run."""
