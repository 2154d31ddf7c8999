"""The request context: who calls, over which network, and the possible values of each condition key."""
