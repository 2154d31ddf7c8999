"""The access that a change of a policy opens and closes: a search for requests that only one of the policies allows."""
