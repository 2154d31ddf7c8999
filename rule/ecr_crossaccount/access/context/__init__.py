"""The request context: who asks, over which network, and what each condition key can hold."""
