"""Least privilege: what the code calls, and what the template's roles allow, are the same.

The documents that remediate have the same test beside them: tests/remediation/test_permissions.py.
"""
