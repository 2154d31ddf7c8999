"""The command line: reads files and terminals, calls the judgement and shows its answers.

Each subcommand is a module of its own, and so are the formats of its answers. They are imported only when they are
used. No code here makes a decision about a policy.
"""
