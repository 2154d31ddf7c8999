"""`check` in its integrations: each is linted as its host does, and run."""
