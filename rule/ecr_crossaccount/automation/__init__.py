"""What a remediation does around the judgement: reads, asks who would miss the access, backs up, writes, puts back.

`read_policy`, `find_use`, `back_up`, `read_backup`, `write_policy` and `read_answer` are the scripts of the Automation
documents in `remediation/`, which hold them as they stand here; the command line calls the same functions. That is why
each imports nothing of this package. `planner` is what the stack's planning function answers.
"""
