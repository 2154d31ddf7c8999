"""The command line: reads files and terminals, asks the judgement, shows what it answers.

One module a subcommand, one module a format, each imported when it is asked for. Nothing here decides anything
about a policy.
"""
