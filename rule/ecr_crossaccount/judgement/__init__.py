"""The judgement: trust, conditions, the search, the verdict. Computes only: no I/O, no clock."""
