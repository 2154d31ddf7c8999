"""The stack: the template and what is built from it, as AWS would get both."""
