"""The stack: what the template says, and what is built from it, as AWS would get both."""
