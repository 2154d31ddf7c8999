"""The steps of a remediation around the judgement: read, look for recent use, back up, write, check.

`look`, `write_policy` and `steps` have the handlers of the scripts in the Automation documents of `remediation/`. The
modules that they import from this folder are copied into the scripts, so they import nothing else of
`ecr_crossaccount`. The command line calls the same functions. `planner` has the answers of the stack's planning
function.
"""
