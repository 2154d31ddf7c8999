"""The files that `make release` creates for an organization: templates without macros, and the functions' code."""
