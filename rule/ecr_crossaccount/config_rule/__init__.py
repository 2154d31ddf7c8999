"""The AWS Config rule: reads what Config sends, asks the judgement, and reports what it answers.

`evaluator` is the way in (events to results), `rule` what RDK calls a rule, the rest one subject a module.
"""
