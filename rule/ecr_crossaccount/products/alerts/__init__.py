"""Alarms within seconds: judges a call to Amazon ECR that CloudTrail recorded, as soon as EventBridge delivers it.

`record`, `changes` and `comparer` only compute. `memory`, `function` and the `Sender` of `alert` call AWS.
"""
