"""Calls to AWS: clients, retries, answers and the log."""
