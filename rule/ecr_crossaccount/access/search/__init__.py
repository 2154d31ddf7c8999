"""The search for a request that gets in: whom to ask for, the solver, and what one judgement remembers."""
