"""How every command reads what is outside: files with a bound, and YAML from its parser's events.

JSON is read by `policy.strict_json`, which the function that AWS Config calls needs too.
"""
