"""The judgement of everything that exists: all repositories of an account or an organization, with their approvals.

`live` and `inventory` read policies, `trusted` finds the approvals behind allowed access, `report` has the results of
one audit, and `since` compares it with an earlier one. Nothing here prints or reads a clock.
"""
