"""The other documents that decide about access: registry policies, exchanges, public repositories."""
