"""What a remediation does around the judgement: reads, asks who would miss the access, backs up, writes, checks.

`look`, `look_at_backup`, `back_up`, `write_policy`, `check` and `stop` hold the handlers of the scripts in the
Automation documents of `remediation/`. What they import from their neighbours here is copied into the scripts, so none
of them imports anything else of this package; the command line calls the same functions. `planner` is what the stack's
planning function answers.
"""
