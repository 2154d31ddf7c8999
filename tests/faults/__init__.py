"""What the function does when AWS has a hiccup: each call, each fault, over real HTTP.

`gateway` stands in AWS's place and breaks what it is told to, `aws` is what it answers else; `table` lists calls and
faults; docs/reliability.md says the same for a reader.
"""
