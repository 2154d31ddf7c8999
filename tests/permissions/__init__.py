"""Least privilege: the code makes exactly the calls that the template's roles allow.

The documents that remediate have the same test beside them: tests/remediation/test_permissions.py.
"""
