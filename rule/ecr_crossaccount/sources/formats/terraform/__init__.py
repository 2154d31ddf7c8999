"""Terraform's plans and state files as JSON, and the parts that they share with its sources."""
