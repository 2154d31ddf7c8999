"""Terraform's sources, read without running Terraform. Values that they do not determine are holes."""
