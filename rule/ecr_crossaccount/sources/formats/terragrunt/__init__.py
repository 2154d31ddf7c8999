"""Terragrunt: the inputs that a unit gives to a module, and the sources that it generates."""
