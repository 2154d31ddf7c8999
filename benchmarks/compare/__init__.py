"""`make compare`: what this project and its peers answer about the same policies; docs/comparison.md is made from it.

Every contender runs in an environment of its own, in a process of its own, and is called as its own users call it.
"""
