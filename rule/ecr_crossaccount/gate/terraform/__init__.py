"""Terraform's answers: plans and state files as JSON, and what they share with its sources."""
