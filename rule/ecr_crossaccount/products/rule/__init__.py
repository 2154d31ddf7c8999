"""The AWS Config rule: reads the events of AWS Config, judges the policies, and reports the results.

`evaluator` is the entry point, from events to results. `rule` is what RDK calls a rule. Each other module has one
subject.
"""
