"""Terragrunt: what a unit hands to a module, and the sources that it generates."""
