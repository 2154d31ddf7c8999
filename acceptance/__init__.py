"""`make acceptance`: the stack tried in a real sandbox account, and a report of what AWS showed."""
