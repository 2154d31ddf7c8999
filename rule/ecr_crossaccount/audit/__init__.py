"""What exists, judged: the repositories of an account or an organization, with who is let in and by whose word.

`ecr`, `aggregator` and `inventory` read policies, `trusted` finds the approvals behind what is allowed, `report` holds
all that one audit found, `changes` what is new since the last. Nothing here prints, and nothing reads a clock.
"""
