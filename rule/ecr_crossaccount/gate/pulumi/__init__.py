"""Pulumi: programs in YAML, what `pulumi preview --json` prints, and states."""
