"""Hostile input: any input gets an answer within the budget, and nothing in the answer acts on its reader.

`promises` has what is true for any input. Hypothesis (`test_fuzz`) and the coverage-guided fuzzer (`harness`) both test
it with generated inputs.
"""
