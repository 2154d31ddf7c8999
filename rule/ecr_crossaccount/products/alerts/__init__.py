"""Alarms within seconds: judges a call to Amazon ECR that CloudTrail recorded, as soon as EventBridge delivers it.

The modules from `record` to `message` only compute. `memory`, `live`, `sender` and `function` call AWS.
"""
