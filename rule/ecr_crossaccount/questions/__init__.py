"""Questions about judged documents: what changed, who may, what is the narrowest policy, what stops it everywhere."""
