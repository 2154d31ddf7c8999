"""The policy document: IAM's grammar, read once, immutable afterwards. No meaning, no I/O."""
