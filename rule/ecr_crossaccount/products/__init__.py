"""What people use: the rule, the hook, the alarms, remediation, the audit and the command."""
