"""Hostile input: whatever is sent, an answer within the budget, and nothing in it that acts on its reader.

`promises` says what holds for any input, once; Hypothesis (`test_fuzz`) and the coverage-guided fuzzer (`harness`) both
hold it against what they make up.
"""
