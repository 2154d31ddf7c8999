"""Reading of external data for every command: files up to a limit, and YAML from its parser's events.

JSON is read by `documents/json.py`, which the function that AWS Config calls needs too.
"""
