"""`make compare`: the answers of this project and its peers about the same policies, for docs/comparison.md.

Each contender runs in its own environment and process, and is called as its users call it.
"""
