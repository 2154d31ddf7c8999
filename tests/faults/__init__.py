"""The function's behavior when AWS has a failure: each call, each fault, over real HTTP.

`gateway` replaces AWS and breaks calls as told. `aws` has the other answers. `table` lists calls and faults.
docs/reliability.md describes the same for a reader.
"""
