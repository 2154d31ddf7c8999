"""The command line: reads files and terminals, calls the judgement and shows its answers.

Each subcommand is a module of its own. The formats of its answers are also modules, imported only when they are used.
No code here makes a decision about a policy.
"""
