"""Pulumi: programs in YAML, the output of `pulumi preview --json`, and states."""
