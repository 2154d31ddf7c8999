"""The search for a request that is allowed: the callers to try, the solver, and the cache of one judgement."""
