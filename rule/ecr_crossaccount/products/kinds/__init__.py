"""How alarms and audits handle each kind of resource."""
