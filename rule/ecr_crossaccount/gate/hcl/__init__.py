"""Terraform's sources, read without running Terraform: what they say themselves is known, the rest is a hole."""
