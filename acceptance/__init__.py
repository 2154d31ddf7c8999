"""`make acceptance`: a test of the stack in a real sandbox account, with a report of the behavior of AWS."""
