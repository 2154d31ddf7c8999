"""The command line: reads files and terminals, calls the judgement and shows its answers.

Each subcommand and each format is a module of its own, which is imported only when it is used. No code here makes a
decision about a policy.
"""
