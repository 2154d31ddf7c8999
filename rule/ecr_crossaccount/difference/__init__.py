"""What a change of a policy opens and closes: a search for a request that one policy lets in and the other does not."""
