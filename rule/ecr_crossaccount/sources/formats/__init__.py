"""The formats of files: a package for each, and the choice between them."""
