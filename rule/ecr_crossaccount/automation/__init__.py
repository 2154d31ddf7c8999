"""The steps of a remediation around the judgement: read, look for recent use, back up, write, check.

`look`, `look_at_backup`, `back_up`, `write_policy`, `check` and `stop` have the handlers of the scripts in the
Automation documents of `remediation/`. Modules that they import from this package are copied into the scripts. So they
import nothing from outside it. The command line calls the same functions. `planner` has the answers of the stack's
planning function.
"""
