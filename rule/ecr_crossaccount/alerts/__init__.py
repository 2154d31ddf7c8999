"""Alarms within seconds: a call to Amazon ECR that CloudTrail has recorded, judged as soon as EventBridge delivers it.

`record` to `message` compute only; `memory`, `live`, `sender` and `function` meet AWS.
"""
